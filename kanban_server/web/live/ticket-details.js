/** One ticket in full: its texts, comments, attempts and history, kept up to date by the events of its board. */

import { get } from "../lib/api.js";
import { TICKET_FIELDS } from "../model/board.js";

/** Events come in bursts; what they leave out is requested once behind them. */
const PAUSE = 150;

/** Tells `change`. Its `state` is loading, here, deleted, missing or failed. */
export class TicketDetails extends EventTarget {
  state = "loading";
  ticket = null;
  comments = [];
  history = [];
  error = null;
  #timer = null;
  #loads = 0;
  #closed = new AbortController();

  constructor(id) {
    super();
    this.id = id;
    this.#load();
  }

  close() {
    this.#closed.abort();
    clearTimeout(this.#timer);
  }

  /** Take in what happened on the board. */
  receive(events) {
    const ours = events.filter((event) => event.event === "snapshot" || this.#concerns(event));
    if (!ours.length) return;
    for (const event of ours) this.#step(event);
    this.#emit();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), PAUSE);
  }

  /** Take in a comment that the user has just written. */
  add(comment) {
    this.#put(comment);
    this.#emit();
  }

  /** Request everything again. */
  reload() {
    return this.#load();
  }

  #concerns({ event, data }) {
    return (
      (event.startsWith("ticket_") && data.id === this.id) ||
      (event.startsWith("comment_") && data.ticket_id === this.id)
    );
  }

  #step({ event, data }) {
    if (event === "snapshot" || !this.ticket) return;
    if (event === "comment_added" || event === "comment_updated") this.#put(data);
    else if (event === "comment_deleted") this.comments = this.comments.filter((one) => one.id !== data.id);
    else if (event === "ticket_deleted") this.state = "deleted";
    else if (event.startsWith("ticket_")) {
      const fields = Object.entries(data).filter(([name]) => TICKET_FIELDS.has(name));
      this.ticket = { ...this.ticket, ...Object.fromEntries(fields) };
    }
  }

  #put(comment) {
    const known = this.comments.some((one) => one.id === comment.id);
    if (!known) this.comments = [...this.comments, comment];
    else this.comments = this.comments.map((one) => (one.id === comment.id ? { ...one, ...comment } : one));
  }

  async #load() {
    const { signal } = this.#closed;
    const request = (path) => get(path, { signal });
    const load = ++this.#loads;
    try {
      const [ticket, comments, history] = await Promise.all([
        request(`/api/tickets/${this.id}`),
        request(`/api/comments/ticket/${this.id}`),
        request(`/api/history/tickets/${this.id}/history`),
      ]);
      if (this.#late(load, ticket)) return;
      Object.assign(this, { ticket, comments, history, state: "here", error: null });
    } catch (error) {
      if (signal.aborted || this.#late(load)) return;
      if (error.type === "not-found") await this.#loadDeleted(request);
      else if (this.ticket)
        return; // what is shown stays; the connection will come back
      else Object.assign(this, { state: "failed", error });
    }
    if (!signal.aborted) this.#emit();
  }

  /** Whether a response is older than the known state. A newer one is on its way, or will be requested. */
  #late(load, ticket = this.ticket) {
    return load !== this.#loads || ticket?.version < this.ticket?.version;
  }

  /** A ticket that is not there may have been: then it has a history. */
  async #loadDeleted(request) {
    try {
      this.history = await request(`/api/history/tickets/${this.id}/history`);
      this.state = "deleted";
    } catch {
      this.state = "missing";
    }
  }

  #emit() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
