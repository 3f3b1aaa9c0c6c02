/** A board, live: its columns, what narrows them, its open ticket, and who else is here. */

import "../bar/connection-state.js";
import { notifyOf } from "../bar/notifications.js";
import { announce } from "../lib/announce.js";
import { post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { go, href } from "../lib/navigation.js";
import { toast } from "../lib/toast.js";
import { userName, watchUser } from "../lib/user.js";
import { LiveBoard } from "../live/live-board.js";
import { overridable, why } from "../live/moves.js";
import { Presence } from "../live/presence.js";
import * as filters from "../model/filter.js";
import { visible } from "../model/letters.js";
import { boardPath, figuresPath } from "../model/route.js";
import "../ticket/ticket-panel.js";
import "./activity-drawer.js";
import "./board-columns.js";
import "./filter-bar.js";
import { boardSettings } from "../boards/board-dialog.js";
import { helpSheet } from "./help-sheet.js";
import { Keys } from "./keys.js";
import "./people-here.js";
import { Pointers } from "./pointers.js";
import { search } from "./search-field.js";

/** The code with which a stream is closed that is no longer for its user. */
const REMOVED = 4403;

class BoardPage extends HTMLElement {
  #live = null;
  #presence = null;
  #route = { board: null, ticket: null, query: "" };
  #filter = filters.ALL;
  /** @type {(ticket: object) => boolean} */
  #passes = () => true;
  #found = new Set();
  #sought = "";
  #searching = new AbortController();
  #name = el("h1", { class: "board-name" });
  #search = el("search-field").begin((text) => this.#filterBy({ ...this.#filter, search: text }));
  #connection = el("connection-state");
  #people = el("people-here");
  #filters = el("filter-bar").begin((filter) => this.#filterBy(filter));
  #columns = el("board-columns");
  #panel = el("ticket-panel");
  #activity = el("activity-drawer");
  #body = el("div", { class: "board-body" }, this.#columns, this.#panel, this.#activity);
  #figures = el(
    "a",
    { class: "button plain square wide-only", "aria-label": "Figures", title: "Figures" },
    icon("figures"),
  );
  #pointers = new Pointers(this.#columns);
  #keys = null;
  #leave = new AbortController();

  crumbs = [el("span", { class: "slash", "aria-hidden": "true" }, "/"), this.#name];
  tools = [
    this.#search,
    this.#people,
    this.#connection,
    this.#figures,
    tool("activity", "Activity (a)", () => this.#activity.toggle()),
    tool("settings", "Board settings", () => boardSettings(this.#route.board), "wide-only"),
    tool("help", "Keyboard shortcuts (?)", () => helpSheet(), "wide-only"),
  ];

  connectedCallback() {
    this.#columns.begin({
      passes: (ticket) => this.#passes(ticket),
      filtering: () => !filters.showsAll(this.#filter),
      query: () => this.#route.query,
      opened: () => this.#route.ticket,
      move: (id, target) => this.move(id, target),
      create: (title, column, insisted) => this.#create(title, column, insisted),
      dragging: (id) => this.#presence.say({ dragging: id }),
      lost: (id) => toast(`#${id} was deleted while you held it.`),
    });
    this.#panel.begin({
      close: () => this.#open(null),
      query: () => this.#route.query,
      move: (id, target) => this.move(id, target),
    });
    const { signal } = this.#leave;
    signal.addEventListener(
      "abort",
      watchUser(() => this.#live?.renew()),
    );
    this.#keys = new Keys(signal, {
      search: () => this.#search.focus(),
      add: () => this.#columns.add(),
      help: () => helpSheet(),
      activity: () => this.#activity.toggle(),
      close: () => (this.#activity.isOpen ? this.#activity.toggle() : this.#open(null)),
    });
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
    if (route.ticket !== before.ticket) {
      this.#presence.say({ ticket_id: route.ticket });
      this.#draw();
      if (route.ticket === null && before.ticket !== null) this.#columns.focusCard(before.ticket);
    }
  }

  /**
   * Move a ticket; where the server refuses, it goes back, and the user is told why and what else can be done.
   * @returns {Promise<boolean>} whether it worked.
   */
  async move(id, target, { force = false, live = this.#live } = {}) {
    try {
      await live.moves.make(id, target, { force });
      return true;
    } catch (error) {
      const text = `#${id} stays where it was: ${why(error, live.now())}`;
      const again = { name: "Move anyway", run: () => this.move(id, target, { force: true, live }) };
      toast(text, { kind: "bad", stays: 12_000, action: overridable(error) ? again : undefined });
      return false;
    }
  }

  #begin(board) {
    this.#live?.stop();
    const live = new LiveBoard(board);
    this.#live = live;
    this.#presence = new Presence(live);
    this.#connection.watch(live);
    this.#people.watch(this.#presence);
    this.#pointers.watch(this.#presence);
    this.#columns.watch(live, this.#presence);
    this.#activity.watch(live);
    this.#figures.href = href(figuresPath(board));
    this.#frame();
    this.#name.textContent = "";
    live.addEventListener("change", ({ detail }) => live === this.#live && this.#changed(detail.events));
    live.addEventListener("message", ({ detail }) => this.#told(live, detail));
    live.addEventListener("state", () => live === this.#live && this.#stateChanged());
    this.#presence.addEventListener("change", () => live === this.#live && this.#draw());
    live.start();
  }

  #changed(events) {
    const { board, deleted } = this.#live.board;
    if (deleted) return this.#gone("This board was deleted");
    this.#frame();
    if (this.#name.textContent !== board.name) {
      this.#name.textContent = visible(board.name ?? "");
      document.title = `${visible(board.name ?? "")} · Agent Kanban`;
    }
    this.#draw(events);
    this.#panel.hear(events);
    this.#activity.hear(events);
    notifyOf(events, (event) => this.#titleOf(event));
  }

  /** An admin says something to everybody who is connected. */
  #told(live, { event, data }) {
    if (live === this.#live && event === "notice")
      toast([el("strong", {}, data.by), `: ${data.text}`], { stays: 20_000 });
  }

  #stateChanged() {
    const { name, problem } = this.#live.state;
    if (name === "connected" && !this.#body.isConnected) this.#changed([]); // it is there for the user again
    if (name !== "ended" || !problem) return;
    if (problem.type === "not-found") this.#gone("There is no such board");
    else if (problem.type === "removed" || problem.status === REMOVED)
      this.#gone("You do not see this board any longer");
    else toast(problem.detail, { kind: "bad" });
  }

  /** The board itself, where something else was shown in its place. */
  #frame() {
    if (this.#body.isConnected) return;
    fill(this, this.#filters, this.#body);
    this.#panel.show(this.#live, this.#route.ticket);
  }

  /** The board is shown no longer, nor anything of it. */
  #gone(text) {
    this.#name.textContent = "";
    document.title = `${text} · Agent Kanban`;
    fill(
      this,
      el("div", { class: "empty" }, el("h1", {}, text), el("a", { class: "button", href: href("/") }, "All boards")),
    );
  }

  #draw(events) {
    if (!this.#live.board.board.id) return; // not there yet
    this.#passes = filters.matcher(this.#filter, this.#live.facts, this.#found);
    this.#columns.show(events);
    const tickets = [...this.#live.board.tickets.values()];
    const all = filters.showsAll(this.#filter);
    this.#filters.show(this.#filter, tickets, all ? tickets.length : tickets.filter(this.#passes).length);
  }

  // Finding

  #filterBy(filter) {
    go(boardPath(this.#route.board, this.#route.ticket, filters.write(filter)), { replace: true });
  }

  async #readFilter() {
    this.#filter = filters.read(this.#route.query);
    this.#search.show(this.#filter.search);
    const sought = `${this.#route.board} ${this.#filter.search.trim()}`;
    const another = sought !== this.#sought;
    this.#sought = sought;
    if (another) this.#found = new Set();
    this.#draw();
    if (!another) return;
    this.#searching.abort();
    this.#searching = new AbortController();
    if (!this.#filter.search.trim()) return;
    const { signal } = this.#searching;
    try {
      const found = await search(this.#route.board, this.#filter.search, signal);
      if (signal.aborted) return;
      this.#found = found;
      this.#draw();
    } catch (error) {
      if (signal.aborted) return;
      this.#sought = "";
      toast(`Texts and comments are not searched: ${error.message}`, { kind: "bad" });
    }
  }

  // Tickets

  #open(ticket) {
    go(boardPath(this.#route.board, ticket, this.#route.query));
  }

  /**
   * Add a ticket; where the server refuses, the user is told why; `insisted` is called where it is added all the same.
   * @returns {Promise<boolean>} whether it worked.
   */
  async #create(title, column, insisted, { force = false, live = this.#live } = {}) {
    try {
      const ticket = await post("/api/tickets", { title, board_id: live.id, current_column: column, force });
      announce(`Added #${ticket.id} to ${column}`);
      if (live === this.#live) this.#revealSoon(ticket.id);
      return true;
    } catch (error) {
      const insist = async () => (await this.#create(title, column, insisted, { force: true, live })) && insisted();
      const action = overridable(error) ? { name: "Add anyway", run: insist } : undefined;
      toast(`Not added: ${error.message}`, { kind: "bad", stays: 12_000, action });
      return false;
    }
  }

  #revealSoon(id) {
    const live = this.#live;
    const look = () => {
      if (!live.board.tickets.has(id)) return;
      live.removeEventListener("change", look);
      this.#columns.reveal(id);
    };
    live.addEventListener("change", look);
    look();
  }

  #titleOf({ data }) {
    return data.title ?? this.#live.board.tickets.get(data.ticket_id)?.title;
  }
}

const tool = (name, title, onclick, more = "") =>
  el(
    "button",
    { class: `button plain square ${more}`, type: "button", "aria-label": title, title, onclick },
    icon(name),
  );

customElements.define("board-page", BoardPage);
