/** Who works on the ticket, for how much longer, and claiming or releasing it. */

import { post } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { confirm } from "../controls/confirm.js";
import { el, fill, refill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { isMine, userName } from "../lib/user.js";
import { duration } from "../model/time.js";

export class ClaimBox {
  element = el("div", { class: "claim-box" });
  #attempt;
  #leases;
  #left = el("span", { class: "number" });
  #shown = null;
  #id = null;

  constructor(attempt) {
    this.#attempt = attempt;
  }

  show(ticket, leases, done) {
    this.#leases = leases;
    this.#id = ticket.id;
    const holder = ticket.claim?.holder ?? null;
    const key = JSON.stringify([ticket.id, holder, ticket.assignee, done, userName()]);
    if (key !== this.#shown) {
      this.#shown = key;
      const others = holder && !isMine(holder);
      const build = () => (holder ? this.#held(ticket.id, holder) : done ? null : this.#free(ticket));
      if (others)
        fill(this.element, build()); // a key that was meant for "Claim" takes nothing from anybody
      else refill(this.element, build);
    }
    this.element.hidden = !this.element.firstChild;
    this.tick();
  }

  tick() {
    if (!this.#shown || !this.#left.isConnected) return;
    const left = this.#leases.left(this.#id);
    this.#left.textContent = left === null ? "" : `${duration(left / 1000)} left`;
  }

  #free({ id, assignee }) {
    const claim = () => this.#attempt("You do not hold it", (force) => post(`/api/tickets/${id}/claim`, { force }));
    const other = assignee && !isMine(assignee) ? assignee : null;
    return [
      el("span", { class: "muted" }, other ? `Assigned to ${other}, who does not hold it` : "Nobody works on this"),
      el(
        "button",
        { class: "button small", type: "button", onclick: claim },
        icon("hand"),
        other ? `Claim in place of ${other}` : "Claim",
      ),
    ];
  }

  #held(id, holder) {
    const mine = isMine(holder);
    const take = () => this.#attempt("You do not hold it", () => post(`/api/tickets/${id}/claim`, { force: true }));
    return [
      avatar(holder, { hidden: true }),
      el("span", {}, el("strong", {}, mine ? "You" : holder), mine ? " hold this" : " holds this"),
      this.#left,
      mine
        ? el("button", { class: "button small", type: "button", onclick: () => this.#release(id) }, "Release")
        : el(
            "button",
            {
              class: "button plain small",
              type: "button",
              onclick: take,
              title: `End the claim of ${holder} and hold it yourself`,
            },
            "Take over",
          ),
    ];
  }

  async #release(id) {
    const question = { title: "Release this ticket", text: "A note for the next holder (optional)", button: "Release" };
    const note = await confirm({ ...question, field: true });
    if (note === null) return;
    await this.#attempt("You still hold it", () => post(`/api/tickets/${id}/release`, note.trim() ? { note } : {}));
  }
}
