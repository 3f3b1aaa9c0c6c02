/** The columns of a board with their cards: what is shown, focused, carried and dropped. */

import { announce } from "../lib/announce.js";
import { closest, el, fill, focusedElement } from "../lib/el.js";
import { userName } from "../lib/user.js";
import { hue } from "../model/names.js";
import { today } from "../model/time.js";
import "./board-column.js";
import { CardKeys } from "../cards/card-keys.js";
import { cardView } from "../cards/card-view.js";
import { Drag } from "../cards/drag.js";
import { LiftedCard } from "../cards/lifted-card.js";
import { RecentChanges } from "./recent-changes.js";

const TICK = 1000;

class BoardColumns extends HTMLElement {
  #page;
  #live = null;
  #lifted = new LiftedCard(
    () => this.#visible(),
    () => this.#drawLifted(),
  );
  #drag;
  #columns = new Map();
  #shown = [];
  #focused = null;
  #recent = new RecentChanges((ids) => this.#unmark(ids));
  #clock = null;
  #day = today();
  #presence = null;

  /**
   * @param page has `passes(ticket)`, `filtering()`, `query()`, `opened()`, `drop(id, target, before)`,
   *   `create(title, column, insisted)`, `dragging(id)`, `lost(id)`, `selection`, `cardMenu(id, at)`, `columnMenu`.
   */
  begin(page) {
    this.#page = page;
    this.className = "columns";
    const actions = {
      lifted: this.#lifted,
      columns: () => this.#shown,
      dragging: () => this.#drag.dragging,
      lift: (id, options) => this.#lift(id, options),
      over: (column, index) => this.#over(column, index),
      drop: () => this.#drop(),
      cancel: () => this.#cancel(),
      focusCard: (id) => this.focusCard(id),
      select: (id) => page.selection.toggle(id),
    };
    this.#drag = new Drag(this, {
      ...actions,
      columns: () => [...this.#columns.values()],
      over: (column, index) => this.#lifted.over(column.column.name, index),
    });
    new CardKeys(this, actions);
    this.addEventListener("focusin", (event) => {
      const card = closest(event, ".card");
      if (card) this.#focus(Number(card.dataset.ticket));
    });
    this.addEventListener("click", (event) => this.#click(event), { capture: true });
    this.addEventListener("contextmenu", (event) => this.#openMenu(event));
    return this;
  }

  connectedCallback() {
    this.#clock = setInterval(() => this.#tick(), TICK);
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    this.#drag.cancel();
  }

  /** Show another board. */
  watch(live, presence) {
    this.#live = live;
    this.#presence = presence;
    for (const column of this.#columns.values()) column.list.end();
    this.#columns.clear();
    this.#focused = null;
    if (this.#lifted.id !== null) this.#lifted.cancel();
    fill(this);
  }

  /** Show the board as it is now, after `events`. */
  show(events = []) {
    this.#recent.add(events, userName());
    const { id } = this.#lifted;
    if (id !== null && !this.#live.board.tickets.has(id)) this.#lose(id);
    this.#draw({ calm: this.#recent.busy });
  }

  /** The ticket whose card has the focus; null for none. */
  get focusedTicket() {
    return this.#focusedCard();
  }

  /** Move the focus to a ticket's card, which is brought into sight. */
  focusCard(id) {
    const column = this.#columnOf(id);
    const card = column?.list.reveal(id);
    if (!card) return false;
    card.link.focus({ preventScroll: true });
    column.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  /** Bring a ticket into sight without touching the focus. */
  reveal(id) {
    this.#columnOf(id)?.list.reveal(id);
  }

  /** Open the form that adds a ticket: in the column that has the focus, or the first. */
  add() {
    const own = focusedElement()?.closest?.("board-column") ?? this.#columnOf(this.#focused);
    (own ?? this.querySelector("board-column"))?.add();
  }

  /** The element of a pointer's place: `ticket:12` or `column:3`. */
  element(name) {
    const [kind, id] = name.split(":");
    if (kind === "ticket") return this.#columnOf(Number(id))?.list.card(Number(id))?.element ?? null;
    return this.#columns.get(Number(id)) ?? null;
  }

  #visible() {
    const passes = (ticket) => ticket.pending || this.#page.passes(ticket);
    return this.#lifted.visible(this.#live.columns, this.#page.filtering() ? passes : null);
  }

  #draw({ calm = false } = {}) {
    if (!this.#live) return;
    const focused = this.#focusedCard();
    this.#page.selection.keepOnly(this.#live.board.tickets);
    this.#shown = this.#lifted.view(this.#visible());
    const ids = new Set(this.#shown.map((column) => column.id));
    for (const [id, element] of this.#columns)
      if (!ids.has(id)) {
        element.list.end();
        element.remove();
        this.#columns.delete(id);
      }
    this.#shown.forEach((column, index) => {
      const element = this.#columns.get(column.id) ?? this.#newColumn(column.id);
      if (this.children[index] !== element) this.insertBefore(element, this.children[index] ?? null);
      element.show(column, column.all, { calm, board: this.#live.id });
    });
    this.#setTabStops();
    this.#keepFocus(focused);
  }

  #focusedCard() {
    const card = this.contains(document.activeElement) ? focusedElement().closest(".card") : null;
    return card ? Number(card.dataset.ticket) : null;
  }

  #newColumn(id) {
    const element = el("board-column").begin({
      view: (ticket) => cardView(ticket, this.#live, this.#page.query()),
      mark: (card, ticket) => this.#mark(card, ticket),
      pinned: () => new Set([this.#focused, this.#lifted.id].filter((one) => one !== null)),
      create: (title, column, insisted) => this.#page.create(title, column, insisted),
      menu: (column, close) => this.#page.columnMenu(column, close, element),
      rename: (column, name) => this.#page.renameColumn(column, name),
    });
    this.#columns.set(id, element);
    return element;
  }

  #mark(card, ticket) {
    const { classList, style } = card.element;
    const who = this.#recent.by(ticket.id);
    const lifted = this.#lifted.id === ticket.id;
    classList.toggle("held-here", lifted);
    classList.toggle("carried", lifted && !this.#drag.dragging);
    classList.toggle(
      "under-way",
      this.#live.moves.list.some((move) => move.id === ticket.id),
    );
    classList.toggle("open", this.#page.opened() === ticket.id);
    classList.toggle("selected", this.#page.selection.has(ticket.id));
    classList.toggle("touched", who !== undefined);
    if (who !== undefined) style.setProperty("--hue", String(hue(who)));
    card.showViewers(this.#presence.at(ticket.id));
    card.tick(this.#live.now(), ticket.claim ? this.#live.leases.left(ticket.id) : null);
  }

  #unmark(ids) {
    for (const id of ids) this.#columnOf(id)?.list.card(id)?.element.classList.remove("touched");
  }

  #tick() {
    const now = this.#live?.now();
    for (const column of this.#columns.values())
      for (const card of column.list.cards) card.tick(now, card.claimed ? this.#live.leases.left(card.id) : null);
    if (this.#day === today()) return;
    this.#day = today();
    this.#draw(); // what was due yesterday is overdue
  }

  #columnOf(id) {
    for (const column of this.#columns.values()) if (column.list.has(id)) return column;
    return null;
  }

  /** A click with Ctrl selects one more, with Shift all up to the card. */
  #click(event) {
    const card = closest(event, ".card");
    if (!card || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    const id = Number(card.dataset.ticket);
    if (event.shiftKey) this.#page.selection.extend(id, this.#shown);
    else this.#page.selection.toggle(id);
  }

  #openMenu(event) {
    const card = closest(event, ".card");
    if (!card || event.defaultPrevented || card.classList.contains("pending")) return;
    event.preventDefault();
    this.#page.cardMenu(Number(card.dataset.ticket), { x: event.clientX, y: event.clientY, element: card });
  }

  #focus(id) {
    this.#focused = id;
    this.#setTabStops();
  }

  /** Tab reaches one card of each column; the arrows lead to the others. */
  #setTabStops() {
    for (const column of this.#columns.values()) {
      const cards = [...column.list.cards].sort((a, b) => a.at - b.at);
      const stop = cards.find((card) => card.id === this.#focused) ?? cards[0];
      for (const card of cards) card.link.tabIndex = card === stop ? 0 : -1;
    }
  }

  /** A card that went to another column is another element: the focus goes along, and nothing scrolls. */
  #keepFocus(id) {
    if (id === null || this.contains(document.activeElement) || document.activeElement !== document.body) return;
    this.#columnOf(id)?.list.card(id)?.link.focus({ preventScroll: true });
  }

  #lift(id, { quietly = false } = {}) {
    if (!this.#lifted.lift(id)) return false;
    this.#focused = id;
    this.#page.dragging(id);
    if (!quietly && !this.#drag.dragging)
      announce(`Lifted #${id}. ${this.#where()}. Arrows move it, Space drops it, Escape leaves it.`);
    return true;
  }

  #over(column, index) {
    this.#lifted.over(column, index);
    this.focusCard(this.#lifted.id);
    announce(this.#where());
  }

  #drop() {
    const { id, ticket } = this.#lifted;
    const where = this.#where();
    const target = this.#lifted.drop();
    this.#page.dragging(null);
    if (target) {
      this.#page.drop(id, target, ticket);
      announce(`Dropped #${id}. ${where}.`);
    } else announce(`#${id} stays where it was.`);
  }

  #cancel() {
    const { id } = this.#lifted;
    this.#lifted.cancel();
    this.#page.dragging(null);
    announce(`#${id} stays where it was.`);
  }

  #lose(id) {
    this.#drag.cancel();
    if (this.#lifted.id !== null) this.#lifted.cancel();
    this.#page.dragging(null);
    this.#page.lost(id);
  }

  #where() {
    const { column, index, count } = this.#lifted.where();
    return `${column.name}, ${index + 1} of ${count}`;
  }

  #drawLifted() {
    const column = this.#lifted.target?.column;
    this.#draw();
    for (const element of this.#columns.values()) element.target(element.column?.name === column);
  }
}

customElements.define("board-columns", BoardColumns);
