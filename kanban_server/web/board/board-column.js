/** A column: its name, how full it is, its cards, and a place to add one. */

import { el, fill, svg } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { visible } from "../model/letters.js";
import { AddForm } from "./add-form.js";
import { Card } from "./card.js";
import { CardList } from "./card-list.js";

const MOVING = 300;

class BoardColumn extends HTMLElement {
  /** The column as last shown: `{id, name, role, limit, tickets}`. */
  column = null;
  #page;
  #name = el("h2");
  #role = el("span", { class: "role" });
  #count = el("span", { class: "count" });
  #add = el("button", { class: "button plain square", type: "button" }, icon("add"));
  #list = el("ol", { class: "cards" });
  #scroller = el("div", { class: "cards-scroller" }, this.#list);
  #none = el("p", { class: "none" });
  #form = null;
  #cards;
  #moving = null;

  /** @param page gives `view(ticket)`, `pinned()`, `create(title, column, insisted)` and `opened(card)`. */
  begin(page) {
    this.#page = page;
    this.#cards = new CardList(this.#scroller, this.#list, {
      card: (id) => new Card(id),
      show: (card, ticket) => {
        card.show(page.view(ticket));
        page.dress(card, ticket);
      },
      pinned: () => page.pinned(),
    });
    this.#add.addEventListener("click", () => this.add());
    const head = el("header", { class: "column-head" }, this.#role, this.#name, this.#count, this.#add);
    fill(this, el("section", { class: "column" }, head, this.#scroller));
    return this;
  }

  /** The list of cards. */
  get list() {
    return this.#cards;
  }

  /** What scrolls. */
  get scroller() {
    return this.#scroller;
  }

  /** Show the column; `all` is how many tickets it holds when some are filtered away. */
  show(column, all, { calm = false } = {}) {
    const known = this.column;
    this.column = column;
    const id = `column-${column.id}`;
    this.dataset.column = column.name;
    if (known?.name !== column.name) {
      this.#name.textContent = visible(column.name);
      this.#name.id = id;
      this.firstElementChild.setAttribute("aria-labelledby", id);
      this.#add.setAttribute("aria-label", `Add a ticket to ${visible(column.name)}`);
      this.#add.title = `Add a ticket to ${column.name} (n)`;
      this.#list.setAttribute("aria-labelledby", id);
    }
    if (known?.role !== column.role) fill(this.#role, roleGlyph(column.role));
    this.#showCount(column, all);
    if (!calm) this.#move();
    this.#cards.show(column.tickets);
    this.#showNone(column, all);
  }

  /** Open the form that adds a ticket. */
  add() {
    this.#form ??= new AddForm(
      (title, insisted) => this.#page.create(title, this.column.name, insisted),
      () => {
        this.#form.element.remove();
        this.#add.focus();
      },
    );
    if (!this.#form.element.isConnected) this.firstElementChild.append(this.#form.element);
    this.#form.open();
  }

  /** Say that a ticket would land here. */
  target(on) {
    this.classList.toggle("target", on);
  }

  #showCount(column, all) {
    const shown = column.tickets.length;
    const filtered = shown !== all ? `${shown} of ${all}` : `${all}`;
    this.#count.textContent = column.limit === null ? filtered : `${filtered} / ${column.limit}`;
    this.#count.classList.toggle("full", column.limit !== null && all >= column.limit);
    this.#count.title = column.limit === null ? `${all} tickets` : `${all} tickets, at most ${column.limit}`;
  }

  #showNone(column, all) {
    const text = column.tickets.length ? "" : all ? "None that the filter lets through" : "Nothing here";
    this.#none.textContent = text;
    if (text && !this.#none.isConnected) this.#scroller.append(this.#none);
    if (!text) this.#none.remove();
  }

  /** Let cards glide to their new places for a moment; scrolling never does. */
  #move() {
    this.#list.classList.add("moving");
    clearTimeout(this.#moving);
    this.#moving = setTimeout(() => this.#list.classList.remove("moving"), MOVING);
  }
}

/** A circle that fills as work goes on. */
const roleGlyph = (role) => {
  const parts = {
    todo: [svg("circle", { cx: 7, cy: 7, r: 5 })],
    working: [svg("circle", { cx: 7, cy: 7, r: 5 }), svg("path", { class: "solid", d: "M7 4a3 3 0 0 1 0 6z" })],
    waiting: [svg("circle", { cx: 7, cy: 7, r: 5, class: "dashed" })],
    done: [
      svg("circle", { cx: 7, cy: 7, r: 5.6, class: "solid" }),
      svg("path", { class: "tick", d: "M4.6 7.2l1.7 1.7 3.2-3.7" }),
    ],
  }[role];
  const title = { todo: "to do", working: "in work", waiting: "waiting", done: "done" }[role];
  return svg("svg", { class: `role-glyph ${role}`, viewBox: "0 0 14 14", role: "img", "aria-label": title }, parts);
};

customElements.define("board-column", BoardColumn);
