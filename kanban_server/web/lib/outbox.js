/**
 * Changes of tickets and comments that the server has not answered yet. While it can't be reached they wait, in the
 * order in which they were made, and are sent again with the same key. They are kept in the browser, so that a reload
 * loses none.
 */

import { isTemporary, retryDelay, sendOnce } from "./http.js";
import { keep, setting, settingNames, TAB } from "./settings.js";
import { userName } from "./user.js";

/** The server forgets keys after a day: an older change could take effect twice. */
const LONGEST = 23 * 3_600_000;
/** What another tab left behind is sent by this one after so long. */
const ABANDONED = 120_000;
const [FIRST_WAIT, LONGEST_WAIT] = [200, 3_000];

/** Whether a change of this path goes through the outbox. */
export const isQueued = (path) => /^\/api\/(tickets|comments|bulk)\b/.test(path);

/**
 * @typedef {{key: string, method: string, path: string, body?: any, query?: object, version?: number, at: number,
 *   tab: string, stored: string, waiting?: boolean, busy?: boolean, resolve?: (answer: any) => void, reject?: (error: Error) => void}} Change
 */

/**
 * Emits `change` when its content changed, `answered` (detail: `{change, answer}`) and `refused` (detail: `{change,
 * error, handled}`; `handled` is false for a change that was made before the page was loaded).
 */
class Outbox extends EventTarget {
  /** @type {Change[]} in the order in which they were made. */
  changes = [];
  #timer = null;
  #wait = FIRST_WAIT;
  #sending = false;

  /** How many changes wait for a connection. */
  get waiting() {
    return this.changes.filter((change) => change.waiting).length;
  }

  /**
   * Send a change, now or once the server can be reached. @returns {Promise<any>} the answer
   * @throws {import("./http.js").Refused}
   */
  send(request) {
    const change = { ...request, at: Date.now(), tab: TAB, stored: `${prefix()}${request.key}` };
    delete change.signal;
    const answer = new Promise((resolve, reject) => Object.assign(change, { resolve, reject }));
    this.changes.push(change);
    this.#store(change);
    this.#advance();
    return answer;
  }

  /** Resolves to true once a change that passes a test waits for a connection. @returns {Promise<boolean>} */
  whenWaiting(test) {
    return new Promise((resolve) => {
      const look = () => {
        const change = this.changes.find(test);
        if (!change || change.waiting) this.removeEventListener("change", look);
        if (change?.waiting) resolve(true);
      };
      this.addEventListener("change", look);
      look();
    });
  }

  /** Send what waits, now. */
  retry() {
    this.#wait = FIRST_WAIT;
    clearTimeout(this.#timer);
    this.#flush();
  }

  /** Take up what an earlier page of this user left behind. */
  resume() {
    for (const name of settingNames(prefix())) {
      const change = JSON.parse(setting(name, "null"));
      if (!change || this.changes.some(({ key }) => key === change.key)) continue;
      const age = Date.now() - change.at;
      if (change.tab !== TAB && age < ABANDONED) continue;
      if (age > LONGEST) this.#refuse(change, new Error("it waited for more than a day"));
      else this.changes.push({ ...change, waiting: true });
    }
    this.changes.sort((one, other) => one.at - other.at);
    if (this.changes.length) this.retry();
  }

  /** Forget all changes of the user, in this browser. */
  clear() {
    this.changes = [];
    for (const name of settingNames(prefix())) keep(name, null);
    this.#emit("change");
  }

  /** Send each change that no earlier change of the same ticket precedes. */
  #advance() {
    if (this.waiting) return this.#waitInLine();
    const lanes = new Set();
    for (const change of this.changes) {
      const free = !lanes.has(lane(change));
      lanes.add(lane(change));
      if (free && !change.busy) this.#attempt(change);
    }
    this.#emit("change");
  }

  /** While some wait, all that comes later waits behind them. */
  #waitInLine() {
    for (const change of this.changes) if (!change.busy) change.waiting = true;
    this.#emit("change");
    if (!this.#timer && !this.#sending) this.#flush();
  }

  async #attempt(change) {
    change.busy = true;
    try {
      const answer = await sendOnce(change.method, change.path, change);
      this.#settle(change);
      this.#emit("answered", { change, answer });
      change.resolve?.(answer);
    } catch (error) {
      change.busy = false;
      if (isTemporary(error)) {
        change.waiting = true;
        this.#emit("change");
        this.#schedule(error);
        return false;
      }
      this.#settle(change);
      this.#refuse(change, error);
    }
    this.#advance();
    return true;
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    this.#timer = null;
    for (;;) {
      const next = this.changes.find((change) => change.waiting && !change.busy);
      if (!next || !(await this.#attempt(next))) break;
      this.#wait = FIRST_WAIT;
    }
    this.#sending = false;
  }

  #schedule(error) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), retryDelay(this.#wait, error));
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 1.5);
  }

  #settle(change) {
    this.changes = this.changes.filter((one) => one !== change);
    keep(change.stored, null);
    this.#emit("change");
  }

  #refuse(change, error) {
    keep(change.stored, null);
    const handled = Boolean(change.reject);
    change.reject?.(error);
    this.#emit("refused", { change, error, handled });
  }

  #store(change) {
    const { resolve, reject, waiting, busy, ...kept } = change;
    keep(change.stored, JSON.stringify(kept));
  }

  #emit(name, detail = undefined) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const prefix = () => `outbox:${userName()}:`;

/** Changes of one lane take effect in order. */
const lane = ({ path, body = null }) => /\/tickets\/(\d+)/.exec(path)?.[0] ?? `${path} ${body?.ticket_id ?? ""}`;

export const outbox = new Outbox();

addEventListener("online", () => outbox.retry());
addEventListener("reconnected", () => outbox.retry());
