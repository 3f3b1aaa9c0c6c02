/** One ticket on the board. */

import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { labelTag } from "../controls/label-tag.js";
import { href } from "../lib/navigation.js";
import { boardPath } from "../model/route.js";
import { age, daysUntil, duration, shortDate, shortMoment, today, whole } from "../model/time.js";
import { priorityGlyph } from "../board/priority.js";

const LABELS_SHOWN = 3;

export class Card {
  #shown = null;
  #age = el("time", { class: "age" });
  #lease = el("span", { class: "lease" });
  #ticket = null;
  #viewers = el("div", { class: "viewers" });
  #viewersShown = "[]";

  constructor(id) {
    this.id = id;
    this.link = el("a", { class: "card-link", draggable: "false", tabindex: "-1", dir: "auto" });
    this.element = el("li", { class: "card", dataset: { ticket: id } });
  }

  /**
   * Show a ticket with what follows from the board: `{ticket, blockers, criteria, children, query}`. Nothing is
   * built again where nothing changed.
   */
  show(view) {
    const { ticket, query } = view;
    this.#ticket = ticket;
    const key = JSON.stringify([view, today()]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.classList.toggle("pending", Boolean(ticket.pending));
    if (!ticket.pending) this.link.href = href(boardPath(ticket.board_id, ticket.id, query));
    const number = ticket.pending ? "Waiting for a connection" : `#${ticket.id}`;
    fill(this.link, el("span", { class: "unseen" }, `${number} `), ticket.title);
    fill(
      this.element,
      this.link,
      ticket.labels?.length ? labels(ticket.labels) : null,
      el(
        "div",
        { class: "card-foot" },
        priorityGlyph(ticket.priority),
        el("span", { class: "id", "aria-hidden": "true" }, number),
        facts(view),
        this.#age,
        this.#people(ticket),
      ),
      this.#viewersShown !== "[]" && this.#viewers,
    );
    this.#age.dateTime = ticket.column_entered_at ?? "";
    this.#age.title = ticket.column_entered_at ? `In this column since ${whole(ticket.column_entered_at)}` : "";
  }

  /** Whether somebody holds the ticket. */
  get claimed() {
    return Boolean(this.#ticket?.claim);
  }

  /** Show who else looks at the ticket, or drags it: `[{name, drags}]`. */
  showViewers(users) {
    const key = JSON.stringify(users);
    if (key === this.#viewersShown) return;
    this.#viewersShown = key;
    const titleOf = ({ name, drags }) => `${name} ${drags ? "moves" : "looks at"} this`;
    fill(
      this.#viewers,
      users.map((user) => avatar(user.name, { title: titleOf(user), class: user.drags ? "drags" : "" })),
    );
    this.element.classList.toggle(
      "dragged-by-other",
      users.some((user) => user.drags),
    );
    if (users.length) this.element.append(this.#viewers);
    else this.#viewers.remove();
  }

  /** What changes by itself as time goes by. */
  tick(now, leaseLeft) {
    const ticket = this.#ticket;
    if (!ticket) return;
    write(this.#age, ticket.column_entered_at ? age(ticket.column_entered_at, now) : "");
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
    names.slice(0, LABELS_SHOWN).map((name) => labelTag(name)),
    more > 0 && el("span", { class: "tag", title: names.slice(LABELS_SHOWN).join(", ") }, `+${more}`),
  );
};

const facts = ({ ticket, blockers, criteria, children }) => {
  const waits = blockers.map((id) => `#${id}`).join(", ");
  const { comment_count: comments, due_date: date, not_before: time, needs } = ticket;
  return [
    blockers.length && fact("blocked", "blocked", `waits for ${waits}`, blockers.length > 1 ? blockers.length : waits),
    needs?.length && fact("person", "needs", `needs ${needs.join(", ")}`, `needs ${needs.join(", ")}`),
    time && fact("clock", "parked", `not before ${whole(time)}`, `not before ${shortMoment(time)}`),
    date && due(date),
    criteria && done("criteria", criteria, "criteria"),
    children && done("parent", children, "parts"),
    comments && fact("comment", "", `${comments} comment${comments === 1 ? "" : "s"}`, comments),
  ].filter(Boolean);
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
