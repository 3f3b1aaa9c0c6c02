/** All boards with their counts and the people on them, read again after changes, at a limited rate. */

import { get } from "../lib/api.js";
import { AllBoards as Feed } from "../model/all-boards.js";
import { Connection } from "./connection.js";

const PAUSE = 1000;
const PRESENCE = 5000;

/** Tells, as events of its own: `change`, and `state` (of the connection). */
export class AllBoards extends EventTarget {
  /** The boards, oldest first; null before they are known. */
  boards = null;
  /** Why the last request failed; null if it succeeded. */
  error = null;
  /** Board to the names of those who are on it. */
  people = new Map();
  #connection = new Connection(new Feed());
  #timer = null;
  #again = false;
  #loading = false;
  #poll = null;
  #stopped = new AbortController();

  constructor() {
    super();
    this.#connection.addEventListener("event", () => this.refresh());
    this.#connection.addEventListener("state", () => {
      if (this.state.name === "connected") this.refresh();
      this.#emit("state");
    });
  }

  get state() {
    return this.#connection.state;
  }

  start() {
    this.#connection.start();
    this.refresh();
    this.#poll = setInterval(() => document.hidden || this.#loadPresence(), PRESENCE);
  }

  stop() {
    this.#stopped.abort();
    this.#connection.stop();
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
  }

  retry() {
    this.#connection.retry();
  }

  /** Connect anew, under another name. */
  renew() {
    this.#connection.renew();
  }

  /** Ask for the boards, at once where that was not done a moment ago. */
  refresh() {
    this.#again = true;
    if (!this.#timer && !this.#loading) this.#load();
  }

  async #load() {
    this.#again = false;
    this.#loading = true;
    const { signal } = this.#stopped;
    try {
      this.boards = await get("/api/boards", { signal });
      this.error = null;
      this.#emit("change");
      await this.#loadPresence();
    } catch (error) {
      this.error = error; // read again with the next connection
      this.#emit("change");
    }
    this.#loading = false;
    if (signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#again) this.#load();
    }, PAUSE);
  }

  async #loadPresence() {
    const { signal } = this.#stopped;
    try {
      const { boards } = await get("/api/presence", { signal });
      const people = new Map(boards.map(({ board_id: board, users }) => [board, users.map((user) => user.username)]));
      if (JSON.stringify([...people]) === JSON.stringify([...this.people])) return;
      this.people = people;
      this.#emit("change");
    } catch {
      // read again in a moment
    }
  }

  #emit(name) {
    if (!this.#stopped.signal.aborted) this.dispatchEvent(new CustomEvent(name));
  }
}
