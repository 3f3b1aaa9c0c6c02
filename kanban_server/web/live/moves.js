/** Moves that this page has made and the server has not told of yet: shown at once, taken back where it refuses. */

import { post } from "../lib/api.js";
import { duration } from "../model/time.js";

/** What the server refuses unless it is forced to. */
const OVERRIDES = new Set(["column-full", "already-claimed", "user-limit", "review-required", "unmet"]);

export class Moves {
  /** What is under way: `{id, column, before?, after?, place?}`, in the order in which it was done. */
  list = [];
  #changed;
  /** Ticket id to the last request for it: the server is asked for one after another, in the order of the user. */
  #last = new Map();

  /** @param {() => void} changed is called whenever `list` changed. */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * Move a ticket. Done once the server has said yes; the move stays in the list until its event is there (`settle`).
   * @throws {Refused|Unreachable} once the move was taken back.
   */
  async make(id, target, { force = false } = {}) {
    const move = { id, ...target, version: Infinity };
    this.list = [...this.list.filter((one) => one.id !== id), move];
    this.#changed();
    const before = this.#last.get(id);
    const request = (async () => {
      await before?.catch(() => {});
      return ask(id, target, force ? { force: true } : {});
    })();
    this.#last.set(id, request);
    try {
      move.version = (await request).version;
      this.#changed();
    } catch (error) {
      this.list = this.list.filter((one) => one !== move);
      this.#changed();
      throw error;
    } finally {
      if (this.#last.get(id) === request) this.#last.delete(id);
    }
  }

  /** Forget the moves whose outcome a board shows. */
  settle(board) {
    const open = (move) => board.tickets.has(move.id) && board.tickets.get(move.id).version < move.version;
    this.list = this.list.filter(open);
  }
}

const ask = async (id, target, query) => {
  try {
    return await post(`/api/tickets/${id}/move`, target, { query });
  } catch (error) {
    if (!neighbourLeft(error)) throw error;
    return post(`/api/tickets/${id}/move`, { column: target.column }, { query });
  }
};

/** Whether the same move would be made where the user insists. */
export const overridable = (error) => OVERRIDES.has(error.type);

/** Why a change was refused, as people say it; `now` is the time by the server's clock. */
export const why = (error, now) => {
  if (error.type !== "already-claimed") return error.message;
  const { held_by: holder, expires_at: end } = error.problem;
  return `${holder} holds it${end ? `, for another ${duration((Date.parse(end) - now) / 1000)}` : ""}.`;
};

/** Whether the ticket that was named as a neighbour has gone elsewhere meanwhile. */
const neighbourLeft = (error) => error.type === "invalid-request" && /nothing can be put beside/.test(error.message);
