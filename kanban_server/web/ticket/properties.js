/** The properties of a ticket: column, priority, assignee, due date, time of parking, labels. Each is saved as it is changed. */

import { priorityGlyph } from "../board/priority.js";
import { combobox } from "../controls/combobox.js";
import { el, focusedElement, refill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { labelTag } from "../controls/label-tag.js";
import { membersOf, isStranger } from "../lib/people.js";
import { suggestLabels, suggestPeople } from "../controls/suggestions.js";
import { daysUntil, localMoment } from "../model/time.js";

const PRIORITIES = ["critical", "high", "medium", "low"];

export class Properties {
  element = el("div", { class: "properties" });
  #actions;
  #ticket = null;
  #live = null;
  #shown = null;
  #drawn = null;
  #adder = null;
  #members = null;

  /** @param actions gives the `TicketActions` of the board. */
  constructor(actions) {
    this.#actions = actions;
    this.element.addEventListener("focusout", () => setTimeout(() => this.#draw())); // once the focus is elsewhere
  }

  show(ticket, live) {
    if (live !== this.#live)
      membersOf(live.id).then((members) => {
        this.#members = members;
        this.#drawAgain();
      });
    this.#ticket = ticket;
    this.#live = live;
    this.#draw();
  }

  #draw() {
    if (!this.#ticket) return;
    const { id, current_column: column, priority, assignee, labels, due_date: due, not_before: time } = this.#ticket;
    const columns = this.#live.columns.map((one) => one.name);
    const key = JSON.stringify([id, column, priority, assignee, labels, due, time, columns, this.#members?.size]);
    if (key === this.#shown || this.#isWritten(id)) return;
    this.#shown = key;
    const set = (fields) => this.#change(() => this.#actions().edit([id], fields));
    if (id !== this.#drawn) this.#adder = this.#newAdder(id);
    this.#drawn = id;
    const priorities = PRIORITIES.includes(priority) ? PRIORITIES : [priority, ...PRIORITIES];
    const date = el("input", {
      class: `input ${due && daysUntil(due) < 0 ? "overdue" : ""}`,
      type: "date",
      value: due ?? "",
      onchange: ({ target }) => set({ due_date: target.value || null }),
    });
    const notBefore = el("input", {
      class: "input",
      type: "datetime-local",
      value: time ? localMoment(time) : "",
      onchange: ({ target }) => set({ not_before: target.value ? new Date(target.value).toISOString() : null }),
    });
    refill(this.element, () => [
      row(
        "Column",
        select(column, columns, (name) => this.#moveTo(id, name)),
      ),
      row(
        "Priority",
        priorityGlyph(priority, { hidden: true }),
        select(priority, priorities, (name) => set({ priority: name })),
      ),
      el("div", { class: "property" }, el("span", { "aria-hidden": "true" }, "Assignee"), this.#assignee(id, assignee)),
      row("Due", date),
      row("Not before", notBefore),
      this.#labels(id, labels ?? []),
    ]);
  }

  #assignee(id, assignee) {
    const { element } = combobox({
      label: "Assignee",
      value: assignee ?? "",
      placeholder: "Nobody",
      maxlength: 64,
      free: true,
      suggest: (text) => suggestPeople(this.#live, text === assignee ? "" : text),
      take: (name) => this.#change(() => this.#actions().assign([id], name || null)),
    });
    if (assignee && isStranger(assignee, this.#members))
      element.append(
        el(
          "span",
          { class: "stranger", title: "Nobody of that name sees this board" },
          icon("warning"),
          "not a member",
        ),
      );
    return element;
  }

  #labels(id, labels) {
    const drop = (name) =>
      el(
        "button",
        {
          type: "button",
          "aria-label": `Remove the label ${name}`,
          onclick: () => this.#change(() => this.#actions().label([id], { remove: [name] })),
        },
        icon("close"),
      );
    const tags = labels.map((name) => labelTag(name, drop(name)));
    return el(
      "div",
      { class: "property", role: "group", "aria-label": "Labels" },
      el("span", { "aria-hidden": "true" }, "Labels"),
      el("div", { class: "label-editor" }, tags, this.#adder),
    );
  }

  /** The field for labels, one after another; one that is refused comes back. It stays, whatever is drawn around it. */
  #newAdder(id) {
    const { element } = combobox({
      label: "Add a label",
      placeholder: "Add a label",
      maxlength: 50,
      free: true,
      suggest: (text) => suggestLabels(this.#live, text, this.#ticket.labels),
      take: async (name, input) => {
        input.value = input.defaultValue = "";
        if (name && !(await this.#change(() => this.#actions().label([id], { add: [name] }))) && !input.value)
          input.value = name;
      },
    });
    return element;
  }

  /** Whether somebody is writing into a field of the ticket, which therefore stays as it is. */
  #isWritten(id) {
    const field = focusedElement();
    if (id !== this.#drawn || !this.element.contains(field) || field.localName !== "input") return false;
    return field.type.startsWith("date") || field.value !== field.defaultValue;
  }

  async #moveTo(id, column) {
    if (!(await this.#actions().move(id, { column }))) this.#drawAgain();
  }

  async #change(run) {
    const saved = await run();
    if (!saved) this.#drawAgain();
    return saved;
  }

  /** Show what is, in place of what was refused. */
  #drawAgain() {
    this.#shown = null;
    this.#draw();
  }
}

const row = (title, ...controls) =>
  el("label", { class: "property" }, el("span", {}, title), el("span", { class: "property-value" }, controls));

const select = (value, names, change) =>
  el(
    "select",
    { class: "input", onchange: ({ target }) => change(target.value) },
    names.map((one) => el("option", { value: one, selected: one === value }, one)),
  );
