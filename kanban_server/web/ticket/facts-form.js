/** The small facts of a ticket: column, priority, assignee, labels, due date. Each is saved as it is changed. */

import { patch, post } from "../lib/api.js";
import { el, fill, focusedElement, refill } from "../lib/el.js";
import { icon } from "../lib/icons.js";

const PRIORITIES = ["critical", "high", "medium", "low"];

export class FactsForm {
  element = el("div", { class: "facts-form" });
  #attempt;
  #move;
  #ticket = null;
  #live = null;
  #shown = null;
  #drawn = null;
  #adder = null;

  /** @param {(id: number, target: object) => Promise<boolean>} move says whether it worked. */
  constructor(attempt, move) {
    this.#attempt = attempt;
    this.#move = move;
    this.element.addEventListener("focusout", () => setTimeout(() => this.#draw())); // once the focus is elsewhere
  }

  show(ticket, live) {
    this.#ticket = ticket;
    this.#live = live;
    this.#draw();
  }

  #draw() {
    const live = this.#live;
    const { id, current_column: column, priority, assignee, labels, due_date: due } = this.#ticket;
    const columns = live.columns.map((one) => one.name);
    const key = JSON.stringify([id, column, priority, assignee, labels, due, columns]);
    if (key === this.#shown || this.#isWritten(id)) return;
    this.#shown = key;
    const users = [...new Set([...live.board.tickets.values()].flatMap((one) => [one.assignee, one.claim?.holder]))]
      .filter(Boolean)
      .sort();
    const known = [...new Set([...live.board.tickets.values()].flatMap((one) => one.labels ?? []))].sort();
    const set = (fields) => this.#change((query) => patch(`/api/tickets/${id}`, fields, { query }));
    const label = (change) => this.#change((query) => post(`/api/tickets/${id}/labels`, change, { query }));
    if (id !== this.#drawn) this.#adder = adder((name) => label({ add: [name] }));
    this.#drawn = id;
    refill(this.element, () => [
      field(
        "Column",
        select(column, columns, (value) => this.#moveTo(id, value)),
      ),
      field(
        "Priority",
        select(priority, PRIORITIES.includes(priority) ? PRIORITIES : [priority, ...PRIORITIES], (value) =>
          set({ priority: value }),
        ),
      ),
      field(
        "Assignee",
        text(assignee ?? "", users, "Nobody", (value) => set({ assignee: value || null })),
      ),
      field(
        "Due",
        el("input", {
          class: "input",
          type: "date",
          value: due ?? "",
          onchange: ({ target }) => set({ due_date: target.value || null }),
        }),
      ),
      el(
        "div",
        { class: "field wide", role: "group", "aria-label": "Labels" },
        el("span", {}, "Labels"),
        this.#labels(labels ?? [], known, label),
      ),
    ]);
  }

  #labels(labels, known, change) {
    const drop = (label) =>
      el(
        "button",
        { type: "button", "aria-label": `Remove the label ${label}`, onclick: () => change({ remove: [label] }) },
        icon("close"),
      );
    fill(this.#adder.querySelector("datalist"), options(known.filter((one) => !labels.includes(one))));
    return el(
      "div",
      { class: "label-editor" },
      labels.map((label) => el("span", { class: "tag" }, label, drop(label))),
      this.#adder,
    );
  }

  /** Whether somebody is writing into a field of the ticket, which therefore stays as it is. */
  #isWritten(id) {
    const field = focusedElement();
    if (id !== this.#drawn || !this.element.contains(field) || field.localName !== "input") return false;
    return field.type === "date" || field.value !== field.defaultValue;
  }

  async #moveTo(id, column) {
    if (!(await this.#move(id, { column }))) this.#drawAnew();
  }

  async #change(run) {
    const saved = await this.#attempt("Not saved", (force) => run(force ? { force: true } : {}));
    if (!saved) this.#drawAnew();
    return saved;
  }

  /** Show what is, in place of what was refused. */
  #drawAnew() {
    this.#shown = null;
    this.#draw();
  }
}

const field = (title, control) => el("label", { class: "field" }, el("span", {}, title), control);

const select = (value, names, change) =>
  el(
    "select",
    { class: "input", onchange: ({ target }) => change(target.value) },
    names.map((one) => el("option", { value: one, selected: one === value }, one)),
  );

let count = 0;

/** A line of text with suggestions; taken on Enter, on leaving it, and when one is chosen. */
const text = (value, names, placeholder, change, more = {}) => {
  const id = `options-${++count}`;
  const take = ({ target }) => {
    const now = target.value.trim();
    if (now === target.defaultValue) return;
    target.defaultValue = now; // taken: it is being written no longer
    change(now, target);
  };
  const input = el("input", {
    class: "input",
    value,
    placeholder,
    list: id,
    autocomplete: "off",
    maxlength: 64,
    onchange: take,
    ...more,
  });
  return el("span", { class: "pick" }, input, el("datalist", { id }, options(names)));
};

const options = (names) => names.map((one) => el("option", { value: one }));

/** A line to write labels into, one after another; one that is refused comes back. */
const adder = (add) => {
  const take = async (name, input) => {
    input.defaultValue = input.value = "";
    if (!(await add(name)) && !input.value) input.value = name;
  };
  return text("", [], "Add a label", take, { "aria-label": "Add a label" });
};
