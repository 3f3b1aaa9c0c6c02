/** What the user holds and what is assigned to them, on all boards. */

import { priorityGlyph } from "../board/priority.js";
import { get } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { labelTag } from "../controls/label-tag.js";
import { href } from "../lib/navigation.js";
import { emptyState, section, sheet } from "../lib/page-parts.js";
import { setTitle } from "../lib/title.js";
import { isMine, userName, watchUser } from "../lib/user.js";
import { boardPath } from "../model/route.js";
import { age, daysUntil, shortDate } from "../model/time.js";

const POLL = 15_000;
const PAGE = 200;

class WorkPage extends HTMLElement {
  #body = el("div", { class: "work" });
  #timer = null;
  #unwatch = null;

  connectedCallback() {
    fill(this, sheet("My work", el("a", { class: "button plain", href: href("/inbox") }, "Inbox"), this.#body));
    this.#timer = setInterval(() => document.hidden || this.#load(), POLL);
    this.#unwatch = watchUser(() => this.#load());
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#unwatch();
  }

  show() {
    setTitle("My work");
    this.#load();
  }

  async #load() {
    try {
      const boards = await get("/api/boards");
      this.#draw(await Promise.all(boards.map(openTickets)));
    } catch (error) {
      fill(this.#body, emptyState("Your work can't be read just now", error.message));
    }
  }

  #draw(boards) {
    const all = boards.flat();
    const held = all.filter(({ ticket }) => ticket.claim && isMine(ticket.claim.holder));
    const late = ({ ticket }) => ticket.due_date && daysUntil(ticket.due_date) <= 1;
    const assigned = all.filter((one) => !held.includes(one));
    const parts = [
      ["In your hands", "What you hold.", held],
      ["Due", "Overdue, or due by tomorrow.", assigned.filter(late)],
      ["Assigned to you", "", assigned.filter((one) => !late(one))],
    ];
    const shown = parts.filter(([, , items]) => items.length);
    const none = emptyState(
      "Nothing is assigned to you",
      `Tickets of ${userName()} appear here, from all boards.`,
      el("a", { class: "button", href: href("/") }, "All boards"),
    );
    fill(
      this.#body,
      shown.length
        ? shown.map(([title, note, items]) => section(title, note, el("ul", { class: "work-list" }, items.map(item))))
        : none,
    );
  }
}

/** The tickets of the user on a board that are not done. */
const openTickets = async (board) => {
  const done = new Set(board.column_settings.filter(({ role }) => role === "done").map(({ name }) => name));
  const query = { board_id: board.id, assignee: userName(), page_size: PAGE };
  const { items } = await get("/api/tickets", { query });
  return items.filter(({ current_column: column }) => !done.has(column)).map((ticket) => ({ ticket, board }));
};

const item = ({ ticket, board }) => {
  const { id, title, priority, labels, current_column: column, due_date: due, column_entered_at: since } = ticket;
  return el(
    "li",
    {},
    priorityGlyph(priority),
    el(
      "a",
      { href: href(boardPath(board.id, id)), dir: "auto" },
      el("span", { class: "number muted" }, `#${id} `),
      title,
    ),
    labels.map((name) => labelTag(name)),
    el("span", { class: "grow" }),
    due && el("span", { class: daysUntil(due) < 0 ? "overdue" : "muted" }, `due ${shortDate(due)}`),
    el("span", { class: "muted" }, `${board.name} · ${column} · ${age(since)}`),
  );
};

customElements.define("work-page", WorkPage);
