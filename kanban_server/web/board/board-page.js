/** A board, live: its columns or a list, what narrows them, the open ticket, and who else is here. */

import "../bar/connection-state.js";
import { notifyOf, showNotice } from "../bar/notifications.js";
import { el, fill } from "../lib/el.js";
import { menuAt } from "../controls/menu.js";
import { go, href } from "../lib/navigation.js";
import { setTitle } from "../lib/title.js";
import { toast } from "../controls/toast.js";
import { forgetUndo } from "../lib/undo.js";
import { watchUser } from "../lib/user.js";
import { LiveBoard } from "../live/live-board.js";
import { Presence } from "../live/presence.js";
import * as filters from "../model/filter.js";
import { neighbourOf } from "../model/columns.js";
import { visible } from "../model/invisible-characters.js";
import { boardPath } from "../model/route.js";
import "../ticket/ticket-panel.js";
import "./activity-drawer.js";
import { boardBar } from "./board-bar.js";
import "./board-columns.js";
import { BoardCommands } from "./board-commands.js";
import { BoardSearch } from "./board-search.js";
import "./bulk-bar.js";
import "./empty-board.js";
import { cardMenu } from "../cards/card-menu.js";
import { ColumnActions } from "./column-actions.js";
import "./filter-bar.js";
import { Keys } from "../lib/keys.js";
import { Pointers } from "./pointers.js";
import "./presence-list.js";
import "./search-field.js";
import { Selection } from "./selection.js";
import { TicketActions } from "./ticket-actions.js";
import { TicketCreation } from "./ticket-creation.js";
import "./ticket-list.js";
import { TicketPickers } from "./ticket-pickers.js";

/** The code with which a stream is closed that the user may no longer read. */
const REMOVED = 4403;

class BoardPage extends HTMLElement {
  #live = null;
  #presence = null;
  #route = { board: null, ticket: null, query: "" };
  #filter = filters.ALL;
  /** @type {(ticket: any) => boolean} */
  #passes = () => true;
  #results = new BoardSearch(() => this.#draw());
  #actions = null;
  #pickers = null;
  #columnActions = null;
  #selection = new Selection(() => this.#draw());
  #name = el("h1", { class: "board-name", dir: "auto" });
  #search = el("search-field").begin((text) => this.#filterBy({ ...this.#filter, search: text }));
  #connection = el("connection-state");
  #people = el("presence-list");
  #filters = el("filter-bar").begin((filter) => this.#filterBy(filter));
  #columns = el("board-columns");
  #list = el("ticket-list");
  #panel = el("ticket-panel");
  #activity = el("activity-drawer");
  #bulk = el("bulk-bar");
  #empty = el("empty-board").begin({ board: () => this.#route.board, add: () => this.#columns.add() });
  #body = el("div", { class: "board-body" }, this.#columns, this.#panel, this.#activity, this.#empty, this.#bulk);
  #pointers = new Pointers(this.#columns);
  #creation = new TicketCreation({
    live: () => this.#live,
    reveal: (id) => this.#columns.reveal(id),
    passes: (ticket) => this.#passes(ticket),
    filtering: () => !filters.showsAll(this.#filter),
    clearFilter: () => this.#filterBy(filters.cleared(this.#filter)),
  });
  #commands = new BoardCommands({
    board: () => this.#route.board,
    targets: () => this.#targets,
    pickers: () => this.#pickers,
    actions: () => this.#actions,
    add: () => this.#columns.add(),
    search: () => this.#search.focus(),
    toggleActivity: () => this.#activity.toggle(),
    openNext: (step) => this.#openNext(step),
    comment: () => this.#comment(),
    escape: () => this.#escape(),
    isList: () => this.#filter.view === "list",
    switchView: () => this.#filterBy({ ...this.#filter, view: this.#filter.view ? "" : "list" }),
  });
  #leave = new AbortController();
  /** The ticket whose card gets the focus once it is drawn: a panel can be closed before the board has arrived. */
  #cardToFocus = null;

  #bar = boardBar({
    name: this.#name,
    search: this.#search,
    people: this.#people,
    connection: this.#connection,
    board: () => this.#route.board,
    toggleActivity: () => this.#activity.toggle(),
    menuItems: (close) => this.#commands.menu(close),
  });

  crumbs = this.#bar.crumbs;
  tools = this.#bar.tools;

  connectedCallback() {
    this.#columns.begin({
      passes: (ticket) => this.#passes(ticket),
      filtering: () => !filters.showsAll(this.#filter),
      query: () => this.#route.query,
      opened: () => this.#route.ticket,
      selection: this.#selection,
      drop: (id, target, before) =>
        this.#actions.drop(this.#selection.has(id) ? [...this.#selection.ids] : [id], target, before),
      create: (title, column, insisted) => this.#creation.create(title, column, insisted),
      dragging: (id) => this.#presence.send({ dragging: id }),
      lost: (id) => toast(`#${id} was deleted while you held it.`),
      cardMenu: (id, at) => menuAt(at, (close) => this.#cardMenu(id, close), `#${id}`),
      columnMenu: (column, close, element) => this.#columnActions.menu(column, close, element, this.#selection),
      renameColumn: (column, name) => this.#columnActions.rename(column, name),
    });
    this.#list.begin({
      selection: this.#selection,
      layout: () => this.#filter,
      setLayout: (layout) => this.#filterBy({ ...this.#filter, ...layout }),
      query: () => this.#route.query,
    });
    this.#panel.begin({
      close: () => this.#open(null),
      query: () => this.#route.query,
      actions: () => this.#actions,
      next: (step) => this.#openNext(step),
    });
    this.#bulk.begin({ selection: this.#selection, pickers: () => this.#pickers, actions: () => this.#actions });
    const { signal } = this.#leave;
    signal.addEventListener(
      "abort",
      watchUser(() => this.#live?.renew()),
    );
    new Keys(signal, this.#commands.keys);
  }

  disconnectedCallback() {
    this.#leave.abort();
    this.#live?.stop();
    this.#pointers.stop();
  }

  /** Show a board, or what else of it the address says. */
  show(route) {
    const before = this.#route;
    this.#route = route;
    if (route.board !== before.board) this.#begin(route.board);
    if (route.query !== before.query || route.board !== before.board) this.#readFilter();
    this.#panel.show(this.#live, route.ticket);
    if (route.ticket === before.ticket) return;
    this.#presence.send({ ticket_id: route.ticket });
    this.#cardToFocus = route.ticket === null ? before.ticket : null;
    this.#draw();
  }

  /** For the command palette: what can be done here, and the tickets. */
  get commands() {
    return this.#commands.options;
  }

  get tickets() {
    return [...(this.#live?.board.tickets.values() ?? [])];
  }

  /** The tickets that a key acts on: the selected tickets, else the open one, else the focused one. */
  get #targets() {
    if (this.#selection.size) return [...this.#selection.ids];
    const id = this.#columns.focusedTicket ?? this.#route.ticket;
    return id > 0 ? [id] : [];
  }

  #cardMenu(id, close) {
    const ids = this.#selection.has(id) ? [...this.#selection.ids] : [id];
    const page = { live: this.#live, pickers: this.#pickers, actions: this.#actions, selection: this.#selection };
    return cardMenu(ids, close, { ...page, open: (one) => this.#open(one) });
  }

  #begin(board) {
    this.#live?.stop();
    const live = new LiveBoard(board);
    this.#live = live;
    this.#presence = new Presence(live);
    this.#actions = new TicketActions(live);
    this.#pickers = new TicketPickers(live, this.#actions);
    this.#columnActions = new ColumnActions(live);
    forgetUndo();
    this.#selection.clear();
    this.#connection.watch(live);
    this.#people.watch(this.#presence);
    this.#pointers.watch(this.#presence);
    this.#columns.watch(live, this.#presence);
    this.#activity.watch(live);
    this.#bar.showStar();
    this.#frame();
    this.#name.textContent = "";
    live.addEventListener("change", ({ detail }) => live === this.#live && this.#changed(detail.events));
    live.addEventListener("message", ({ detail }) => live === this.#live && showNotice(detail));
    live.addEventListener("state", () => live === this.#live && this.#stateChanged());
    this.#presence.addEventListener("change", () => live === this.#live && this.#draw());
    live.start();
  }

  #changed(events) {
    const { board, deleted } = this.#live.board;
    if (deleted) return this.#showGone("This board was deleted");
    this.#frame();
    const name = visible(board.name ?? "");
    if (this.#name.textContent !== name) {
      this.#name.textContent = name;
      setTitle(name);
    }
    this.#draw(events);
    this.#panel.receive(events);
    this.#activity.receive(events);
    notifyOf(events, ({ data }) => data.title ?? this.#live.board.tickets.get(data.ticket_id)?.title);
  }

  #stateChanged() {
    const { name, problem } = this.#live.state;
    if (name === "connected" && !this.#body.isConnected) this.#changed([]); // the user may see it again
    if (name !== "ended" || !problem) return;
    if (problem.type === "not-found") this.#showGone("There is no such board");
    else if (problem.type === "removed" || problem.status === REMOVED)
      this.#showGone("You do not see this board any longer");
    else toast(problem.detail, { kind: "bad" });
  }

  /** Show the board itself, where something else was shown in its place. */
  #frame() {
    if (this.#body.isConnected) return;
    fill(this, this.#filters, this.#body);
    this.#panel.show(this.#live, this.#route.ticket);
  }

  #showGone(text) {
    this.#name.textContent = "";
    setTitle(text);
    const link = el("a", { class: "button", href: href("/") }, "All boards");
    fill(this, el("div", { class: "empty" }, el("h1", {}, text), link));
  }

  #draw(events) {
    if (!this.#live?.board.board.id) return; // not there yet
    this.#passes = filters.matcher(this.#filter, this.#live.facts, this.#results.matches);
    const list = this.#filter.view === "list";
    const shown = list ? this.#list : this.#columns;
    if (!shown.isConnected) (list ? this.#columns : this.#list).replaceWith(shown);
    const tickets = this.tickets;
    const passing = filters.showsAll(this.#filter) ? tickets : tickets.filter(this.#passes);
    if (list) this.#list.show(this.#live, passing);
    else this.#columns.show(events);
    if (this.#cardToFocus !== null) this.#columns.focusCard(this.#cardToFocus);
    this.#cardToFocus = null;
    this.#filters.show(this.#filter, tickets, passing.length, this.#route.board);
    this.#bulk.show(this.#selection.size);
    this.#empty.hidden =
      this.#live.columns.some((column) => column.tickets.length) || Boolean(this.querySelector(".add-form"));
  }

  #filterBy(filter) {
    go(boardPath(this.#route.board, this.#route.ticket, filters.write(filter)), { replace: true });
  }

  #readFilter() {
    this.#filter = filters.read(this.#route.query);
    this.#search.show(this.#filter.search);
    this.#results.search(this.#route.board, this.#filter.search);
    this.#draw();
  }

  #open(ticket) {
    go(boardPath(this.#route.board, ticket, this.#route.query));
  }

  #openNext(step) {
    const from = this.#route.ticket ?? this.#columns.focusedTicket;
    const next = neighbourOf(this.#live.columns, (ticket) => this.#passes(ticket), from, step);
    if (next) this.#open(next.id);
  }

  #comment() {
    const [id] = this.#targets;
    if (!id) return;
    if (this.#route.ticket !== id) this.#open(id);
    this.#panel.comment();
  }

  #escape() {
    if (this.#selection.size) this.#selection.clear();
    else if (this.#activity.isOpen) this.#activity.toggle();
    else this.#open(null);
  }
}

customElements.define("board-page", BoardPage);
