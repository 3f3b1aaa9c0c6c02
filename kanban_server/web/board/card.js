/** One ticket on the board. */

import { avatar } from "../lib/avatar.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { href } from "../lib/navigation.js";
import { boardPath } from "../model/route.js";
import { daysUntil, duration, shortDate, whole } from "../model/time.js";
import { priorityGlyph } from "./priority.js";

const LABELS_SHOWN = 3;

export class Card {
  #shown = null;
  #age = el("time", { class: "age" });
  #lease = el("span", { class: "lease" });
  #ticket = null;
  #lookers = el("div", { class: "lookers" });
  #looked = "";

  constructor(id) {
    this.id = id;
    this.link = el("a", { class: "card-link", draggable: "false", tabindex: "-1" });
    this.element = el("li", { class: "card", dataset: { ticket: id } });
  }

  /**
   * Show a ticket with what follows from the board: `{ticket, blockers, criteria, children, query}`. Nothing is
   * built anew where nothing changed.
   */
  show(view) {
    const { ticket, blockers, criteria, children, query } = view;
    this.#ticket = ticket;
    const key = JSON.stringify([ticket, blockers, criteria, children, query]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.link.href = href(boardPath(ticket.board_id, ticket.id, query));
    const number = el("span", { class: "id", "aria-hidden": "true" }, `#${ticket.id}`);
    fill(this.link, el("span", { class: "unseen" }, `#${ticket.id} `), ticket.title);
    fill(
      this.element,
      el("div", { class: "card-top" }, priorityGlyph(ticket.priority), number, this.#age, this.#people(ticket)),
      this.link,
      ticket.labels?.length ? labels(ticket.labels) : null,
      foot(view),
      this.#looked !== "" && this.#looked !== "[]" && this.#lookers,
    );
    this.#age.dateTime = ticket.column_entered_at ?? "";
    this.#age.title = ticket.column_entered_at ? `In this column since ${whole(ticket.column_entered_at)}` : "";
  }

  /** Whether somebody holds the ticket. */
  get claimed() {
    return Boolean(this.#ticket?.claim);
  }

  /** Show who else looks at the ticket, or drags it: `[{name, drags}]`. */
  look(users) {
    const key = JSON.stringify(users);
    if (key === this.#looked) return;
    this.#looked = key;
    const says = ({ name, drags }) => `${name} ${drags ? "moves" : "looks at"} this`;
    fill(
      this.#lookers,
      users.map((user) => avatar(user.name, { title: says(user), class: user.drags ? "drags" : "" })),
    );
    this.element.classList.toggle(
      "dragged-by-other",
      users.some((user) => user.drags),
    );
    if (users.length) this.element.append(this.#lookers);
    else this.#lookers.remove();
  }

  /** What changes by itself as time goes by. */
  tick(now, leaseLeft) {
    const ticket = this.#ticket;
    if (!ticket) return;
    write(this.#age, ticket.column_entered_at ? duration((now - Date.parse(ticket.column_entered_at)) / 1000) : "");
    if (!ticket.claim) return;
    write(this.#lease, leaseLeft === null ? "held" : duration(leaseLeft / 1000));
    this.#lease.classList.toggle("ending", leaseLeft !== null && leaseLeft < 60_000);
  }

  #people({ assignee, claim }) {
    const people = [];
    if (assignee && assignee !== claim?.holder) people.push(avatar(assignee, { title: `Assigned to ${assignee}` }));
    if (claim) {
      const title = `Held by ${claim.holder}`;
      people.push(
        el("span", { class: "holder", title }, this.#lease, avatar(claim.holder, { title, class: "holding" })),
      );
    }
    return people.length ? el("span", { class: "people" }, people) : null;
  }
}

const labels = (names) => {
  const more = names.length - LABELS_SHOWN;
  return el(
    "div",
    { class: "labels" },
    names
      .slice(0, LABELS_SHOWN)
      .map((name) => el("span", { class: name === "needs-human" ? "tag attention" : "tag" }, name)),
    more > 0 && el("span", { class: "tag", title: names.slice(LABELS_SHOWN).join(", ") }, `+${more}`),
  );
};

const foot = ({ ticket, blockers, criteria, children }) => {
  const waits = blockers.map((id) => `#${id}`).join(", ");
  const { comment_count: comments, due_date: date } = ticket;
  const facts = [
    blockers.length && fact("blocked", "blocked", `waits for ${waits}`, blockers.length > 1 ? blockers.length : waits),
    date && due(date),
    criteria && done("criteria", criteria, "criteria"),
    children && done("parent", children, "parts"),
    comments && fact("comment", "", `${comments} comment${comments === 1 ? "" : "s"}`, comments),
  ].filter(Boolean);
  return facts.length ? el("div", { class: "card-foot" }, facts) : null;
};

const done = (name, count, what) =>
  fact(
    name,
    count.done === count.all ? "complete" : "",
    `${count.done} of ${count.all} ${what} done`,
    `${count.done}/${count.all}`,
  );

const fact = (name, more, title, text) =>
  el(
    "span",
    { class: `fact ${more}`, title: title[0].toUpperCase() + title.slice(1) },
    icon(name),
    el("span", { "aria-hidden": "true" }, text),
    el("span", { class: "unseen" }, `, ${title}`),
  );

const due = (date) => {
  const days = daysUntil(date);
  const when = days < 0 ? "overdue" : days < 2 ? "soon" : "";
  return fact("calendar", when, `due ${shortDate(date)}${days < 0 ? ", overdue" : ""}`, shortDate(date));
};

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
