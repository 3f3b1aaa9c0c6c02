/** All boards with their counts, and who is on them: asked for anew after each change, but not more often than that. */

import { get } from "../lib/api.js";
import { AllBoards as Feed } from "../model/all-boards.js";
import { Pump } from "./pump.js";

const PAUSE = 1000;
const PRESENCE = 5000;

/** Tells, as events of its own: `change`, and `state` (of the connection). */
export class AllBoards extends EventTarget {
  /** The boards, oldest first; null before they are known. */
  boards = null;
  /** Why they could not be asked for the last time; null where they could. */
  error = null;
  /** Board to the names of those who are on it. */
  people = new Map();
  #pump = new Pump(new Feed());
  #timer = null;
  #again = false;
  #asking = false;
  #poll = null;
  #stopped = new AbortController();

  constructor() {
    super();
    this.#pump.addEventListener("event", () => this.refresh());
    this.#pump.addEventListener("state", () => {
      if (this.state.name === "connected") this.refresh();
      this.#tell("state");
    });
  }

  get state() {
    return this.#pump.state;
  }

  start() {
    this.#pump.start();
    this.refresh();
    this.#poll = setInterval(() => document.hidden || this.#askWhoIsThere(), PRESENCE);
  }

  stop() {
    this.#stopped.abort();
    this.#pump.stop();
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
  }

  retry() {
    this.#pump.retry();
  }

  /** Connect anew, under another name. */
  renew() {
    this.#pump.renew();
  }

  /** Ask for the boards, at once where that was not done a moment ago. */
  refresh() {
    this.#again = true;
    if (!this.#timer && !this.#asking) this.#ask();
  }

  async #ask() {
    this.#again = false;
    this.#asking = true;
    const { signal } = this.#stopped;
    try {
      this.boards = await get("/api/boards", { signal });
      this.error = null;
      this.#tell("change");
      await this.#askWhoIsThere();
    } catch (error) {
      this.error = error; // with the next connection it is asked again
      this.#tell("change");
    }
    this.#asking = false;
    if (signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#again) this.#ask();
    }, PAUSE);
  }

  async #askWhoIsThere() {
    const { signal } = this.#stopped;
    try {
      const { boards } = await get("/api/presence", { signal });
      const people = new Map(boards.map(({ board_id: board, users }) => [board, users.map((user) => user.username)]));
      if (JSON.stringify([...people]) === JSON.stringify([...this.people])) return;
      this.people = people;
      this.#tell("change");
    } catch {
      // it is asked again in a moment
    }
  }

  #tell(name) {
    if (!this.#stopped.signal.aborted) this.dispatchEvent(new CustomEvent(name));
  }
}
