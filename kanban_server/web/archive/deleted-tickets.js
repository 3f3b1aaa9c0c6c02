/** The deleted tickets of a board, found in its log from the newest event back. */

import { get } from "../lib/api.js";

const PAGE = 500;
/** Pages of the log that are read at a time. */
const AT_ONCE = 6;

export class DeletedTickets {
  /** Whether there is an older part of the log that was not read. */
  more = true;
  #board;
  #before = null;
  /** Tickets of newer events: they were restored or deleted, and that state counts. */
  #known = new Set();
  #deleted = new Map();

  constructor(board) {
    this.#board = board;
  }

  /** The deleted tickets, the last one first, after reading further back: `[{id, title, by, at}]`. */
  async load() {
    for (let page = 0; page < AT_ONCE && this.more; page++) await this.#readPage();
    return [...this.#deleted.values()];
  }

  /** A ticket was restored. */
  forget(id) {
    this.#deleted.delete(id);
  }

  async #readPage() {
    this.#before ??= (await get(`/api/boards/${this.#board}/snapshot`, { query: { bodies: false } })).seq + 1;
    const after = Math.max(0, this.#before - 1 - PAGE);
    try {
      const { events } = await get(`/api/boards/${this.#board}/events`, { query: { after } });
      for (const event of events.filter(({ seq }) => seq < this.#before).reverse()) this.#take(event);
      this.#before = after + 1;
      this.more = after > 0;
    } catch {
      this.more = false; // what is older was trimmed
    }
  }

  #take({ event, data, actor, timestamp }) {
    const gone = event === "ticket_deleted";
    if ((!gone && event !== "ticket_restored") || this.#known.has(data.id)) return;
    this.#known.add(data.id);
    if (gone) this.#deleted.set(data.id, { id: data.id, title: data.title ?? "", by: actor, at: timestamp });
  }
}
