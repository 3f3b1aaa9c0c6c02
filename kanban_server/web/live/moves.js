/** Moves of this page that the board does not show yet: shown at once, taken back where the server refuses. */

import { post } from "../lib/api.js";
import { outbox } from "../lib/outbox.js";
import { duration } from "../model/time.js";

/** What the server refuses unless it is forced to. */
const OVERRIDES = new Set(["column-full", "already-claimed", "user-limit", "review-required", "unmet"]);
const MOVE = /^\/api\/tickets\/(\d+)\/move$/;

export class Moves {
  /** `{id, column, before?, after?, place?, change, version}` each, in the order in which they were made. */
  list = [];
  #onChange;

  /** @param {() => void} onChange is called whenever `list` changed. @param {AbortSignal} signal ends it. */
  constructor(onChange, signal) {
    this.#onChange = onChange;
    outbox.addEventListener("change", () => this.#collect(), { signal });
    outbox.addEventListener("answered", ({ detail }) => this.#answered(detail), { signal });
    outbox.addEventListener("refused", ({ detail }) => this.#forget(detail.change), { signal });
    this.#collect();
  }

  /**
   * Move a ticket. Done once the server has answered; the move stays in the list until its event is there (`settle`).
   * @throws {import("../lib/http.js").Refused} once the move was taken back.
   */
  async make(id, target, { force = false } = {}) {
    const query = force ? { force: true } : {};
    try {
      return await post(`/api/tickets/${id}/move`, target, { query });
    } catch (error) {
      if (!neighbourLeft(error)) throw error;
      return post(`/api/tickets/${id}/move`, { column: target.column }, { query });
    }
  }

  /** Forget the moves whose outcome a board shows. */
  settle(board) {
    const isOpen = (move) => board.tickets.has(move.id) && board.tickets.get(move.id).version < move.version;
    if (board.seq) this.list = this.list.filter(isOpen);
  }

  #collect() {
    for (const change of outbox.changes) {
      const id = Number(MOVE.exec(change.path)?.[1]);
      if (!id || this.list.some((move) => move.change === change)) continue;
      this.list = [...this.list, { ...change.body, id, change, version: Infinity }];
      this.#onChange();
    }
  }

  #answered({ change, answer }) {
    const move = this.list.find((one) => one.change === change);
    if (!move) return;
    move.version = answer.version;
    this.#onChange();
  }

  #forget(change) {
    if (!this.list.some((move) => move.change === change)) return;
    this.list = this.list.filter((move) => move.change !== change);
    this.#onChange();
  }
}

/** Whether the server would make the same change where the user insists. */
export const overridable = (error) => OVERRIDES.has(error.type);

/** Why a change was refused, as people say it; `now` is the time by the server's clock. */
export const reasonOf = (error, now) => {
  if (error.type !== "already-claimed") return error.message;
  const { held_by: holder, expires_at: end } = error.problem;
  return `${holder} holds it${end ? `, for another ${duration((Date.parse(end) - now) / 1000)}` : ""}.`;
};

/** Whether the ticket that was named as a neighbour has gone elsewhere meanwhile. */
const neighbourLeft = (error) => error.type === "invalid-request" && /nothing can be put beside/.test(error.message);
