/** A column: its name, how full it is, its cards, a form that adds one, and a menu. */

import { closest, el, fill, svg } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { menu } from "../controls/menu.js";
import { keep, setting } from "../lib/settings.js";
import { isComposing } from "../lib/typing.js";
import { visible } from "../model/invisible-characters.js";
import { AddForm } from "./add-form.js";
import { Card } from "../cards/card.js";
import { CardList } from "../cards/card-list.js";

const MOVING = 300;

class BoardColumn extends HTMLElement {
  /** The column as last shown: `{id, name, role, limit, tickets}`. */
  column = null;
  #page;
  #board = null;
  #name = el("h2", { dir: "auto" });
  #role = el("span", { class: "role" });
  #count = el("span", { class: "count" });
  #add = el("button", { class: "button plain square", type: "button" }, icon("add"));
  #more = el("button", { class: "button plain square", type: "button" }, icon("more"));
  #list = el("ol", { class: "cards" });
  #scroller = el("div", { class: "cards-scroller" }, this.#list);
  #none = el("p", { class: "none" });
  #form = null;
  #cards;
  #moving = null;

  /** @param page has `view(ticket)`, `mark(card, ticket)`, `pinned()`, `create(…)`, `menu(column, close)`, `rename(…)`. */
  begin(page) {
    this.#page = page;
    this.#cards = new CardList(this.#scroller, this.#list, {
      card: (id) => new Card(id),
      show: (card, ticket) => {
        card.show(page.view(ticket));
        page.mark(card, ticket);
      },
      pinned: () => page.pinned(),
    });
    this.#add.addEventListener("click", () => this.add());
    const panel = menu(this.#more, (close) => page.menu(this.column, close), { end: true, label: "Column" });
    const head = el(
      "header",
      { class: "column-head" },
      this.#role,
      this.#name,
      this.#count,
      this.#add,
      this.#more,
      panel,
    );
    head.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      panel.showPopover();
    });
    head.addEventListener("dblclick", () => this.startRename());
    this.addEventListener("click", (event) => {
      if (!this.folded || closest(event, ".menu")) return;
      this.fold(false);
    });
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

  /** Whether the column is shown as a narrow strip. */
  get folded() {
    return this.classList.contains("folded");
  }

  /** Fold or unfold the column, in this browser. */
  fold(on) {
    keep(this.#foldSetting, on ? "1" : null);
    this.classList.toggle("folded", on);
  }

  /** Show the column; `all` is how many tickets it holds when some are filtered away. */
  show(column, all, { calm = false, board }) {
    const known = this.column;
    this.column = column;
    this.#board = board;
    const id = `column-${column.id}`;
    this.dataset.column = column.name;
    this.dataset.role = column.role;
    if (known?.name !== column.name) {
      const name = visible(column.name);
      this.#name.textContent = name;
      this.#name.id = id;
      this.firstElementChild.setAttribute("aria-labelledby", id);
      this.#add.setAttribute("aria-label", `Add a ticket to ${name}`);
      this.#add.title = `Add a ticket to ${column.name} (n)`;
      this.#more.setAttribute("aria-label", `More about ${name}`);
      this.#list.setAttribute("aria-labelledby", id);
    }
    if (known === null) this.classList.toggle("folded", setting(this.#foldSetting) !== null);
    if (known?.role !== column.role) fill(this.#role, roleGlyph(column.role));
    this.#showCount(column, all);
    if (!calm) this.#glide();
    this.#cards.show(column.tickets);
    this.#showNone(column, all);
  }

  /** Open the form that adds a ticket. */
  add() {
    this.fold(false);
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

  /** Let the user write another name in place of the column's. */
  startRename() {
    const input = el("input", { class: "input column-rename", value: this.column.name, maxlength: 50, dir: "auto" });
    input.setAttribute("aria-label", "Name of the column");
    let done = false;
    const finish = (rename) => {
      if (done) return;
      done = true;
      input.replaceWith(this.#name);
      const name = input.value.trim();
      if (rename && name && name !== this.column.name) this.#page.rename(this.column, name);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (isComposing(event)) return;
      if (event.key === "Enter") finish(true);
      else if (event.key === "Escape") finish(false);
    });
    input.addEventListener("blur", () => finish(true));
    this.#name.replaceWith(input);
    input.select();
    input.focus();
  }

  /** Mark that a ticket would land here. */
  target(on) {
    this.classList.toggle("target", on);
  }

  get #foldSetting() {
    return `folded:${this.#board}:${this.column.id}`;
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
  #glide() {
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
