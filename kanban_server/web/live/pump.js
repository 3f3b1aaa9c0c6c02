/** Moves what a board's stream says between a WebSocket and the feed, and does the waiting. */

import { get, Refused } from "../lib/api.js";
import { address } from "../lib/base.js";
import { identified } from "../lib/session.js";
import { userName } from "../lib/user.js";
import { Ended, Lost, SILENCE, Stale } from "../model/feed.js";
import { Pacer } from "./pacer.js";

/** This tab, among all that are connected. */
const CLIENT = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join(
  "",
);

const ENDED_RIGHTS = new Set(["removed", "not-authenticated"]);

/**
 * Tells, as events of its own: `event` (the next event of the board, or a snapshot), `message` (whatever else the
 * server says), and `state`. Its `state` is `{name, at?, problem?}`: connecting, connected, reconnecting (again `at`
 * a time), offline, or ended (with a `problem`, unless it was meant).
 */
export class Pump extends EventTarget {
  state = { name: "connecting" };
  #feed;
  #socket = null;
  #connecting = null;
  #timer = null;
  #watchdog = null;
  #pacer = new Pacer((text) => this.#socket?.readyState === WebSocket.OPEN && this.#socket.send(text));
  #stopped = new AbortController();

  /** A pump of a feed. It begins with a snapshot, unless the feed has a cursor. */
  constructor(feed) {
    super();
    this.#feed = feed;
    feed.stale = feed.cursor === null;
  }

  start() {
    const { signal } = this.#stopped;
    addEventListener("online", () => this.#waits() && this.retry(), { signal });
    addEventListener("offline", () => this.state.name === "reconnecting" && this.#say(this.state), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#waits() && this.retry(), { signal });
    this.#connect();
  }

  stop() {
    this.#stopped.abort();
    this.#connecting?.abort();
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Connect now, where there is no connection. */
  retry() {
    const { name, problem } = this.state;
    if (this.#socket || name === "connecting" || (name === "ended" && !problem)) return;
    this.#connect();
  }

  /** Connect anew, as another user. */
  renew() {
    if (this.state.name === "ended") return;
    this.#drop();
    this.#connect();
  }

  /** Send a message, as fast as the server takes them; a newer message of a kind replaces one that waits. */
  send(message) {
    this.#pacer.send(message);
  }

  #waits() {
    return this.state.name === "reconnecting" || this.state.name === "offline";
  }

  /** Of several that were begun, only the last one opens a socket. */
  async #connect() {
    clearTimeout(this.#timer);
    this.#connecting?.abort();
    this.#connecting = new AbortController();
    const { signal } = this.#connecting;
    this.#say({ name: "connecting" });
    try {
      await identified();
      if (this.#feed.stale && !signal.aborted) await this.#begin(signal);
      if (!signal.aborted) this.#open();
    } catch (error) {
      if (signal.aborted) return;
      const passing = !(error instanceof Refused) || [429, 502, 503, 504].includes(error.problem.status);
      if (passing) this.#later();
      else this.#say({ name: "ended", problem: error.problem });
    }
  }

  async #begin(signal) {
    const snapshot = await get(`/api/boards/${this.#feed.board}/snapshot`, { query: { bodies: false }, signal });
    this.#tell("event", this.#feed.restart(snapshot));
  }

  #open() {
    const url = address("/ws/connect");
    url.protocol = url.protocol.replace("http", "ws");
    const query = { ...this.#feed.query(), username: userName(), client: "web", client_id: CLIENT };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
    this.#watch();
  }

  #hear(message) {
    this.#watch();
    try {
      const event = this.#feed.receive(message);
      if (event) this.#tell("event", event);
      else this.#tell("message", message);
      if (message.event === "connected") this.#say({ name: "connected" });
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Stale)) throw error;
      this.#drop();
      if (error instanceof Stale) this.#connect();
      else this.#later();
    }
  }

  #closed(code) {
    this.#drop();
    try {
      if (this.#feed.ended(code)) this.#say({ name: "ended" });
      else this.#later();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      this.#say({ name: "ended", problem: error.problem ?? { type: "closed", status: code, detail: error.message } });
    }
  }

  #later() {
    const wait = this.#feed.wait();
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#say({ name: "reconnecting", at: Date.now() + wait });
  }

  #drop() {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    this.#feed.disconnected();
    socket?.close();
  }

  /** Browsers never tell of a connection that is half open: silence does. */
  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#drop();
      this.#later();
    }, SILENCE);
  }

  #say(state) {
    if (ENDED_RIGHTS.has(state.problem?.type)) dispatchEvent(new Event("not-authenticated")); // it may be the session
    const offline = state.name === "reconnecting" && !navigator.onLine;
    this.state = offline ? { ...state, name: "offline" } : state;
    this.#tell("state", this.state);
  }

  #tell(name, detail) {
    if (!this.#stopped.signal.aborted) this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
