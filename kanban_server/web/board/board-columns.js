/** The columns of a board, with their cards: what is shown, focused, held and dropped. */

import { announce } from "../lib/announce.js";
import { closest, el, fill, focusedElement } from "../lib/el.js";
import { userName } from "../lib/user.js";
import { hue } from "../model/names.js";
import { criteria } from "../model/facts.js";
import "./board-column.js";
import { Drag } from "./drag.js";
import { Hold } from "./hold.js";
import { Touched } from "./touched.js";
import { Walk } from "./walk.js";

const EACH = 1000;

class BoardColumns extends HTMLElement {
  #page;
  #live = null;
  #hold = new Hold(
    () => this.#visible(),
    () => this.#held(),
  );
  #drag;
  #columns = new Map();
  #shown = [];
  #focused = null;
  #touched = new Touched((ids) => this.#undress(ids));
  #clock = null;
  #presence = null;

  /**
   * @param page gives `passes(ticket)`, `filtering()`, `query()`, `move(id, target)`, `create(title, column, insisted)` and
   *   `dragging(id)`.
   */
  begin(page) {
    this.#page = page;
    this.className = "columns";
    const acts = {
      hold: this.#hold,
      columns: () => this.#shown,
      dragging: () => this.#drag.dragging,
      lift: (id, options) => this.#lift(id, options),
      over: (column, index) => this.#over(column, index),
      drop: () => this.#drop(),
      cancel: () => this.#cancel(),
      focusCard: (id) => this.focusCard(id),
    };
    this.#drag = new Drag(this, {
      ...acts,
      columns: () => [...this.#columns.values()],
      over: (column, index) => this.#hold.over(column.column.name, index),
    });
    new Walk(this, acts);
    this.addEventListener("focusin", (event) => {
      const card = closest(event, ".card");
      if (card) this.#focus(Number(card.dataset.ticket));
    });
    return this;
  }

  connectedCallback() {
    this.#clock = setInterval(() => this.#tick(), EACH);
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
    if (this.#hold.id !== null) this.#hold.cancel();
    fill(this);
  }

  /** Show the board as it is now; `events` are those that made it so. */
  show(events = []) {
    this.#touched.hear(events, userName());
    const { id } = this.#hold;
    if (id !== null && !this.#live.board.tickets.has(id)) this.#lost(id);
    this.#draw({ calm: this.#touched.busy });
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
    const own = document.activeElement?.closest?.("board-column") ?? this.#columnOf(this.#focused);
    (own ?? this.querySelector("board-column"))?.add();
  }

  /** The element on which others are to see one's pointer, and vice versa: `ticket:12` or `column:3`. */
  element(name) {
    const [kind, id] = name.split(":");
    if (kind === "ticket") return this.#columnOf(Number(id))?.list.card(Number(id))?.element ?? null;
    return this.#columns.get(Number(id)) ?? null;
  }

  /** The columns as they are shown: filtered, with what is held where it would land. */
  #visible() {
    const { columns } = this.#live;
    if (!this.#page.filtering()) return columns.map((column) => ({ ...column, all: column.tickets.length }));
    return columns.map((column) => ({
      ...column,
      all: column.tickets.length,
      tickets: column.tickets.filter((ticket) => ticket.id === this.#hold?.id || this.#page.passes(ticket)),
    }));
  }

  #draw({ calm = false } = {}) {
    if (!this.#live) return;
    const focused = this.#focusedCard();
    this.#shown = this.#hold.view(this.#visible());
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
      element.show(column, column.all, { calm });
    });
    this.#tabStops();
    this.#keepFocus(focused);
  }

  #focusedCard() {
    const card = this.contains(document.activeElement) ? focusedElement().closest(".card") : null;
    return card ? Number(card.dataset.ticket) : null;
  }

  #newColumn(id) {
    const element = el("board-column").begin({
      view: (ticket) => this.#view(ticket),
      dress: (card, ticket) => this.#dress(card, ticket),
      pinned: () => new Set([this.#focused, this.#hold.id].filter((one) => one !== null)),
      create: (title, column, insisted) => this.#page.create(title, column, insisted),
    });
    this.#columns.set(id, element);
    return element;
  }

  #view(ticket) {
    const { facts, counted } = this.#live;
    const children = facts.children(ticket);
    return {
      ticket,
      blockers: facts.blockers(ticket).map((one) => one.id),
      criteria: count(ticket, counted),
      children: children.length
        ? { all: children.length, done: children.filter((one) => facts.done(one)).length }
        : null,
      query: this.#page.query(),
    };
  }

  #dress(card, ticket) {
    const { classList, style } = card.element;
    const who = this.#touched.by(ticket.id);
    classList.toggle("held-here", this.#hold.id === ticket.id);
    classList.toggle("carried", this.#hold.id === ticket.id && !this.#drag.dragging);
    classList.toggle(
      "under-way",
      this.#live.moves.list.some((move) => move.id === ticket.id),
    );
    classList.toggle("open", this.#page.opened() === ticket.id);
    classList.toggle("touched", who !== undefined);
    if (who !== undefined) style.setProperty("--hue", hue(who));
    card.look(this.#presence.at(ticket.id));
    card.tick(this.#live.now(), ticket.claim ? this.#live.leases.left(ticket.id) : null);
  }

  #undress(ids) {
    for (const id of ids) this.#columnOf(id)?.list.card(id)?.element.classList.remove("touched");
  }

  #tick() {
    const now = this.#live?.now();
    for (const column of this.#columns.values())
      for (const card of column.list.cards) card.tick(now, card.claimed ? this.#live.leases.left(card.id) : null);
  }

  #columnOf(id) {
    for (const column of this.#columns.values()) if (column.list.has(id)) return column;
    return null;
  }

  // The focus

  #focus(id) {
    this.#focused = id;
    this.#tabStops();
  }

  /** One card of each column can be reached by Tab; the arrows lead to the others. */
  #tabStops() {
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

  // Holding a card

  #lift(id, { quietly = false } = {}) {
    if (!this.#hold.lift(id)) return false;
    this.#focused = id;
    this.#page.dragging(id);
    if (!quietly && !this.#drag.dragging)
      announce(`Lifted #${id}. ${this.#where()}. Arrows move it, Space drops it, Escape leaves it.`);
    return true;
  }

  #over(column, index) {
    this.#hold.over(column, index);
    this.focusCard(this.#hold.id);
    announce(this.#where());
  }

  #drop() {
    const { id } = this.#hold;
    const where = this.#where();
    const target = this.#hold.drop();
    this.#page.dragging(null);
    if (target) {
      this.#page.move(id, target);
      announce(`Dropped #${id}. ${where}.`);
    } else announce(`#${id} stays where it was.`);
  }

  #cancel() {
    const { id } = this.#hold;
    this.#hold.cancel();
    this.#page.dragging(null);
    announce(`#${id} stays where it was.`);
  }

  #lost(id) {
    this.#drag.cancel();
    if (this.#hold.id !== null) this.#hold.cancel();
    this.#page.dragging(null);
    this.#page.lost(id);
  }

  #where() {
    const { column, index, count: all } = this.#hold.where();
    return `${column.name}, ${index + 1} of ${all}`;
  }

  #held() {
    const column = this.#hold.target?.column;
    this.#draw();
    for (const element of this.#columns.values()) element.target(element.column?.name === column);
  }
}

/** How many criteria are done: from the text where it is here, else as the server counted. */
const count = (ticket, counted) => {
  if (ticket.acceptance_criteria === null || ticket.acceptance_criteria === undefined)
    return counted.get(ticket.id) ?? null;
  const lines = criteria(ticket.acceptance_criteria);
  return lines.length ? { done: lines.filter((line) => line.done).length, all: lines.length } : null;
};

customElements.define("board-columns", BoardColumns);
