/**
 * When the claims of a board end. The event of a new claim has it. For older claims, and for leases that were renewed
 * since, there is no event, so they are read from the server when they are shown.
 */

import { get } from "../lib/api.js";

/** A lease with less than this left, in ms, may have been renewed. */
const SOON = 60_000;
const EACH = 15_000;

export class Leases {
  /** Ticket id to the instant, in ms; null is until it is released. */
  #ends = new Map();
  #requestedAt = new Map();
  #now;

  /** @param {() => number} now is the time by the server's clock. */
  constructor(now) {
    this.#now = now;
  }

  /** Forget all: a board begins anew. */
  clear() {
    this.#ends.clear();
    this.#requestedAt.clear();
  }

  receive({ event, data }) {
    if (event === "ticket_claimed") this.#ends.set(data.id, data.expires_at ? Date.parse(data.expires_at) : null);
    else if (event === "ticket_released" || event === "ticket_deleted") this.#ends.delete(data.id);
  }

  /** How many ms the claim of a ticket has left; null where it has no end, or it is not known yet. */
  left(id) {
    const end = this.#ends.get(id);
    if (end === undefined || (end !== null && end - this.#now() < SOON)) this.#load(id);
    return end === undefined || end === null ? null : Math.max(0, end - this.#now());
  }

  async #load(id) {
    if (Date.now() - (this.#requestedAt.get(id) ?? 0) < EACH) return;
    this.#requestedAt.set(id, Date.now());
    try {
      const { lease } = await get(`/api/tickets/${id}`);
      if (lease) this.#ends.set(id, lease.expires_in === null ? null : this.#now() + lease.expires_in * 1000);
    } catch {
      // read again when they are next shown
    }
  }
}
