/** The columns of a board as rows to write in: name, meaning, limit, order. */

import { announce } from "../lib/announce.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { ROLES } from "../model/board-edits.js";

export class ColumnsEditor {
  element = el("fieldset", { class: "columns-editor" });
  #rows = [];
  #gone = [];
  #keys = 0;
  #list = el("ol", { class: "column-rows" });
  #farewell = el("div", { class: "column-farewell" });

  /** @param {{id?: number, name: string, role: string, limit: number|null, count?: number}[]} columns */
  constructor(columns) {
    this.#rows = columns.map((column) => this.#row(column));
    const add = el(
      "button",
      { class: "button plain", type: "button", onclick: () => this.#add() },
      icon("add"),
      "Add a column",
    );
    fill(this.element, el("legend", { class: "label" }, "Columns"), head(), this.#list, add, this.#farewell);
    this.#draw();
  }

  /** The columns as they are written: `{id?, name, role, limit}`; a limit that is no number is NaN. */
  get columns() {
    return this.#rows.map(({ id, name, role, limit }) => ({
      id,
      name: name.value.trim(),
      role: role.value,
      limit: limit.value === "" ? null : Number(limit.value),
    }));
  }

  /** Where the tickets of the columns that go are to go: id to the name of a column. */
  get targets() {
    const named = (key) => this.#rows.find((row) => row.key === key)?.name.value.trim();
    return new Map(this.#gone.filter(({ select }) => select).map(({ id, select }) => [id, named(select.value)]));
  }

  #row(column) {
    const row = {
      key: String(++this.#keys),
      id: column.id,
      count: column.count ?? 0,
      name: el("input", {
        class: "input column-name",
        value: column.name,
        maxlength: 50,
        "aria-label": "Name of the column",
        spellcheck: "false",
      }),
      role: el(
        "select",
        { class: "input column-role", "aria-label": "What it means" },
        ROLES.map(([role, title]) => el("option", { value: role, selected: role === column.role }, title)),
      ),
      limit: el("input", {
        class: "input column-limit",
        value: column.limit ?? "",
        inputmode: "numeric",
        placeholder: "No limit",
        "aria-label": "The most tickets it may hold",
      }),
    };
    row.up = button("up", "Move up", () => this.#move(row, -1));
    row.down = button("down", "Move down", () => this.#move(row, 1));
    const away = button("trash", "Remove the column", () => this.#remove(row));
    row.name.addEventListener("input", () => this.#askTargets());
    row.element = el("li", { class: "column-row" }, row.up, row.down, row.name, row.role, row.limit, away);
    return row;
  }

  #draw() {
    fill(
      this.#list,
      this.#rows.map(({ element }) => element),
    );
    this.#rows.forEach(({ up, down }, index) => {
      up.disabled = index === 0;
      down.disabled = index === this.#rows.length - 1;
    });
    this.#askTargets();
  }

  #move(row, step) {
    const at = this.#rows.indexOf(row);
    this.#rows.splice(at, 1);
    this.#rows.splice(at + step, 0, row);
    this.#draw();
    const [button, other] = step < 0 ? [row.up, row.down] : [row.down, row.up];
    (button.disabled ? other : button).focus();
    announce(`${row.name.value} is column ${at + step + 1} of ${this.#rows.length}`);
  }

  #add() {
    const row = this.#row({ name: "", role: "waiting", limit: null });
    const last = this.#rows.at(-1);
    this.#rows.splice(last?.role.value === "done" ? this.#rows.length - 1 : this.#rows.length, 0, row); // done stays last
    this.#draw();
    row.name.focus();
  }

  #remove(row) {
    const at = this.#rows.indexOf(row);
    this.#rows.splice(at, 1);
    if (row.id) this.#gone.push({ id: row.id, name: row.name.value, count: row.count, select: null });
    this.#draw();
    (this.#rows[at] ?? this.#rows.at(-1))?.name.focus();
    announce(`Removed ${row.name.value}`);
  }

  /** Tickets do not go with their column: ask where they go. */
  #askTargets() {
    for (const one of this.#gone.filter(({ count }) => count)) {
      const chosen = one.select?.value;
      one.select ??= el("select", { class: "input" });
      fill(
        one.select,
        this.#rows.map(({ key, name }) => el("option", { value: key, selected: key === chosen }, name.value || "…")),
      );
    }
    fill(
      this.#farewell,
      this.#gone.map(({ name, count, select }) =>
        select
          ? el(
              "label",
              {},
              el("span", {}, count === 1 ? `The ticket of ${name} goes to` : `The ${count} tickets of ${name} go to`),
              select,
            )
          : el("p", { class: "muted" }, `${name} goes; it is empty.`),
      ),
    );
  }
}

const head = () =>
  el(
    "div",
    { class: "columns-head", "aria-hidden": "true" },
    el("span", {}, "Name"),
    el("span", {}, "Meaning"),
    el("span", {}, "Limit"),
  );

const button = (name, title, onclick) =>
  el("button", { class: "button plain square", type: "button", "aria-label": title, title, onclick }, icon(name));
