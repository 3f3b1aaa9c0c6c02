/** The small facts of a ticket: column, priority, assignee, labels, due date. Each is saved as it is changed. */

import { patch, post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";

const PRIORITIES = ["critical", "high", "medium", "low"];

export class FactsForm {
  element = el("div", { class: "facts-form" });
  #attempt;
  #move;
  #ticket = null;
  #shown = null;

  /** @param {(id: number, target: object) => void} move */
  constructor(attempt, move) {
    this.#attempt = attempt;
    this.#move = move;
  }

  show(ticket, live) {
    this.#ticket = ticket;
    const { id, current_column: column, priority, assignee, labels, due_date: due } = ticket;
    const columns = live.columns.map((one) => one.name);
    const key = JSON.stringify([id, column, priority, assignee, labels, due, columns]);
    if (key === this.#shown || this.element.contains(document.activeElement?.closest?.("input"))) return;
    this.#shown = key;
    const users = [...new Set([...live.board.tickets.values()].flatMap((one) => [one.assignee, one.claim?.holder]))].filter(Boolean).sort();
    const known = [...new Set([...live.board.tickets.values()].flatMap((one) => one.labels ?? []))].sort();
    fill(
      this.element,
      field("Column", select(column, columns, (value) => this.#move(id, { column: value }))),
      field("Priority", select(priority, PRIORITIES.includes(priority) ? PRIORITIES : [priority, ...PRIORITIES], (value) => this.#set({ priority: value }))),
      field("Assignee", text(assignee ?? "", users, "Nobody", (value) => this.#set({ assignee: value || null }))),
      field("Due", el("input", { class: "input", type: "date", value: due ?? "", onchange: ({ target }) => this.#set({ due_date: target.value || null }) })),
      el("div", { class: "field wide", role: "group", "aria-label": "Labels" }, el("span", {}, "Labels"), this.#labels(labels ?? [], known)),
    );
  }

  #labels(labels, known) {
    const drop = (label) =>
      el("button", { type: "button", "aria-label": `Remove the label ${label}`, onclick: () => this.#label({ remove: [label] }) }, icon("close"));
    const add = text("", known.filter((one) => !labels.includes(one)), "Add a label", (value) => value && this.#label({ add: [value] }));
    add.querySelector("input").setAttribute("aria-label", "Add a label");
    return el("div", { class: "label-editor" }, labels.map((label) => el("span", { class: "tag" }, label, drop(label))), add);
  }

  #set(fields) {
    return this.#change(() => (query) => patch(`/api/tickets/${this.#ticket.id}`, fields, { query }));
  }

  #label(change) {
    return this.#change(() => (query) => post(`/api/tickets/${this.#ticket.id}/labels`, change, { query }));
  }

  async #change(make) {
    const run = make();
    document.activeElement?.blur?.();
    const saved = await this.#attempt("Not saved", (force) => run(force ? { force: true } : {}));
    if (!saved) this.#shown = null; // shown anew as it is
  }
}

const field = (title, control) => el("label", { class: "field" }, el("span", {}, title), control);

const select = (value, options, change) =>
  el(
    "select",
    { class: "input", onchange: ({ target }) => change(target.value) },
    options.map((one) => el("option", { value: one, selected: one === value }, one)),
  );

let count = 0;

/** A line of text with suggestions; taken on Enter, on leaving it, and when one is chosen. */
const text = (value, options, placeholder, change) => {
  const id = `options-${++count}`;
  let taken = value;
  const take = ({ target }) => {
    const now = target.value.trim();
    if (now === taken) return;
    taken = now;
    change(now);
  };
  const input = el("input", { class: "input", value, placeholder, list: id, autocomplete: "off", maxlength: 64, onchange: take });
  return el("span", { class: "pick" }, input, el("datalist", { id }, options.map((one) => el("option", { value: one }))));
};
