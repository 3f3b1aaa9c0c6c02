/** The tickets of a board as a table: sorted by a column, grouped by a field. */

import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { labelTag } from "../controls/label-tag.js";
import { href } from "../lib/navigation.js";
import { groupTickets, sortTickets } from "../model/listing.js";
import { boardPath } from "../model/route.js";
import { age, daysUntil, shortDate } from "../model/time.js";
import { priorityGlyph } from "./priority.js";

const PAGE = 200;
const COLUMNS = [
  ["id", "#"],
  ["title", "Title"],
  ["current_column", "Column"],
  ["priority", "Priority"],
  ["assignee", "Assignee"],
  ["due_date", "Due"],
  ["updated_at", "Changed"],
];
const GROUPS = [
  ["", "No groups"],
  ["current_column", "Column"],
  ["assignee", "Assignee"],
  ["priority", "Priority"],
  ["label", "Label"],
];

class TicketList extends HTMLElement {
  #page;
  #live = null;
  #shown = "";
  #most = PAGE;
  #group = el(
    "select",
    { class: "input small", "aria-label": "Group by" },
    GROUPS.map(([value, title]) => el("option", { value }, title)),
  );
  #table = el("div", { class: "list-scroller", tabindex: "0", role: "region", "aria-label": "Tickets" });

  /** @param page has `selection`, `layout()`, `setLayout(layout)` and `query()`. */
  begin(page) {
    this.#page = page;
    this.#group.addEventListener("change", () => page.setLayout({ group: this.#group.value }));
    fill(
      this,
      el("div", { class: "list-head row" }, el("span", { class: "muted" }, "Group by"), this.#group),
      this.#table,
    );
    return this;
  }

  /** Show these tickets of a board. */
  show(live, tickets) {
    this.#live = live;
    const { sort, group } = this.#page.layout();
    const key = JSON.stringify([
      live.id,
      live.board.seq,
      tickets.length,
      sort,
      group,
      this.#most,
      [...this.#page.selection.ids],
    ]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#group.value = group;
    const columns = live.columns.map(({ name }) => name);
    const sorted = sortTickets(tickets, sort, columns);
    const groups = groupTickets(sorted.slice(0, this.#most), group, columns);
    const more = sorted.length - this.#most;
    const next = () => {
      this.#most += PAGE;
      this.show(live, tickets);
    };
    const top = this.#table.scrollTop;
    fill(
      this.#table,
      el(
        "table",
        { class: "list-table" },
        this.#head(sort),
        groups.map((one) => this.#body(one)),
      ),
      more > 0 &&
        el(
          "button",
          { class: "button", type: "button", onclick: next },
          `Show ${Math.min(more, PAGE)} more of ${more}`,
        ),
      !tickets.length && el("p", { class: "none" }, "No tickets here"),
    );
    this.#table.scrollTop = top;
  }

  #head(sort) {
    const [field, order] = sort.split("-");
    const cell = ([name, title]) => {
      const on = field === name;
      const next = on && order !== "down" ? `${name}-down` : name;
      const direction = on ? (order === "down" ? "descending" : "ascending") : null;
      const press = () => this.#page.setLayout({ sort: next });
      return el(
        "th",
        { scope: "col", "aria-sort": direction },
        el("button", { type: "button", onclick: press }, title),
      );
    };
    return el(
      "thead",
      {},
      el("tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen" }, "Select")), COLUMNS.map(cell)),
    );
  }

  #body({ name, tickets }) {
    const title =
      name !== null &&
      el(
        "tr",
        { class: "list-group" },
        el(
          "th",
          { colspan: COLUMNS.length + 1, scope: "rowgroup" },
          name,
          " ",
          el("span", { class: "muted" }, tickets.length),
        ),
      );
    return el(
      "tbody",
      {},
      title,
      tickets.map((ticket) => this.#row(ticket)),
    );
  }

  #row(ticket) {
    const { selection } = this.#page;
    const {
      id,
      title,
      current_column: column,
      priority,
      assignee,
      labels = [],
      due_date: due,
      updated_at: updated,
    } = ticket;
    const box = el("input", {
      type: "checkbox",
      checked: selection.has(id),
      "aria-label": `Select #${id}`,
      onchange: () => selection.toggle(id),
    });
    const link = el("a", { href: href(boardPath(this.#live.id, id, this.#page.query())), dir: "auto" }, title);
    const overdue = due && daysUntil(due) < 0 && !this.#live.facts.done(ticket);
    return el(
      "tr",
      { class: selection.has(id) ? "selected" : "" },
      el("td", {}, box),
      el("td", { class: "number muted" }, id),
      el(
        "td",
        { class: "list-title" },
        link,
        " ",
        labels.map((one) => labelTag(one)),
      ),
      el("td", {}, column),
      el("td", {}, el("span", { class: "row" }, priorityGlyph(priority, { hidden: true }), priority)),
      el("td", {}, assignee && el("span", { class: "row" }, avatar(assignee, { hidden: true }), assignee)),
      el("td", { class: overdue ? "overdue" : "" }, due && shortDate(due)),
      el("td", { class: "muted number" }, age(updated, this.#live.now())),
    );
  }
}

customElements.define("ticket-list", TicketList);
