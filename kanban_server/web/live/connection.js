/** The connection to the stream of a board: opening it, noticing that it is lost, and opening it again. */

import { get, Refused } from "../lib/api.js";
import { address } from "../lib/base.js";
import { ensureSession } from "../lib/session.js";
import { userName } from "../lib/user.js";
import { Ended, Lost, SILENCE, Stale } from "../model/feed.js";
import { HttpStream } from "./http-stream.js";
import { Pacer } from "./pacer.js";

/** This tab, among all that are connected. */
const CLIENT = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join(
  "",
);

const ENDED_RIGHTS = new Set(["removed", "not-authenticated"]);
/** Milliseconds without a message after which a page that is looked at asks for a sign of life. */
const QUIET = 4_000;
/** Milliseconds to wait for that sign, and for one after a request has failed. */
const [PATIENCE, SHORT_PATIENCE] = [4_000, 2_000];
/** Milliseconds to wait for the greeting on a new connection. */
const GREETING = 8_000;
/** WebSockets that close before the server has greeted, after which the stream is read over HTTP. */
const REFUSED_SOCKETS = 2;

/**
 * Emits `event` (the next event of the board, or a snapshot), `message` (any other message of the server), and `state`.
 * Its `state` is `{name, at?, problem?, http?}`: connecting, connected (`http`: without a WebSocket), reconnecting (again
 * `at` a time), offline, or ended (with a `problem`, unless it was meant).
 */
export class Connection extends EventTarget {
  /** @type {{name: string, at?: number, problem?: any, http?: boolean}} */
  state = { name: "connecting" };
  #feed;
  #socket = null;
  #greeted = false;
  #refused = 0;
  #connecting = null;
  #timer = null;
  #watchdog = null;
  /** The patience with which a sign of life is awaited; Infinity for none. */
  #askedFor = Infinity;
  #pacer = new Pacer((text) => this.#socket?.readyState === WebSocket.OPEN && this.#socket.send(text));
  #stopped = new AbortController();

  /** A connection for a feed. It begins with a snapshot, unless the feed has a cursor. */
  constructor(feed) {
    super();
    this.#feed = feed;
    feed.stale = feed.cursor === null;
  }

  start() {
    const { signal } = this.#stopped;
    addEventListener("online", () => this.#isWaiting() && this.retry(), { signal });
    addEventListener("offline", () => this.#lose(), { signal });
    addEventListener("unreachable", () => this.#socket && this.#askForSign(SHORT_PATIENCE), { signal });
    const seen = () => {
      if (document.hidden) return;
      if (this.#isWaiting()) this.retry();
      else if (this.#socket) this.#askForSign(PATIENCE);
    };
    document.addEventListener("visibilitychange", seen, { signal });
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
    if (name === "connecting" || name === "connected" || (name === "ended" && !problem)) return;
    this.#drop();
    this.#connect();
  }

  /** Connect again, as another user. */
  renew() {
    if (this.state.name === "ended") return;
    this.#drop();
    this.#connect();
  }

  /** Send a message, as fast as the server takes them; a newer message of a kind replaces one that waits. */
  send(message) {
    this.#pacer.send(message);
  }

  #isWaiting() {
    return this.state.name === "reconnecting" || this.state.name === "offline";
  }

  /** Of several attempts, only the last one opens a socket. */
  async #connect() {
    clearTimeout(this.#timer);
    this.#connecting?.abort();
    this.#connecting = new AbortController();
    const { signal } = this.#connecting;
    if (!this.#isWaiting()) this.#setState({ name: "connecting" });
    else this.#setState({ name: this.state.name });
    try {
      await ensureSession();
      if (this.#feed.stale && !signal.aborted) await this.#takeSnapshot(signal);
      if (signal.aborted) return;
      this.#open(this.#refused >= REFUSED_SOCKETS);
    } catch (error) {
      if (signal.aborted) return;
      const temporary = !(error instanceof Refused) || [429, 502, 503, 504].includes(error.problem.status);
      if (temporary) this.#reconnectLater();
      else this.#setState({ name: "ended", problem: error.problem });
    }
  }

  async #takeSnapshot(signal) {
    const snapshot = await get(`/api/boards/${this.#feed.board}/snapshot`, { query: { bodies: false }, signal });
    this.#emit("event", this.#feed.restart(snapshot));
  }

  #open(overHttp) {
    const socket = overHttp ? new HttpStream(this.#feed) : new WebSocket(this.#url());
    this.#socket = socket;
    this.#greeted = false;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
    this.#watch();
  }

  #url() {
    const url = address("/ws/connect");
    url.protocol = url.protocol.replace("http", "ws");
    const query = { ...this.#feed.query(), username: userName(), client: "web", client_id: CLIENT };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  #receive(message) {
    this.#watch();
    try {
      const event = this.#feed.receive(message);
      if (event) this.#emit("event", event);
      else this.#emit("message", message);
      if (message.event === "connected") this.#connected();
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Stale)) throw error;
      this.#drop();
      if (error instanceof Stale) this.#connect();
      else this.#reconnectLater();
    }
  }

  #connected() {
    this.#greeted = true;
    const http = this.#socket instanceof HttpStream;
    if (!http) this.#refused = 0;
    this.#setState({ name: "connected", http });
    dispatchEvent(new Event("reconnected"));
  }

  #closed(code) {
    if (!this.#greeted && code === 1006) this.#countRefusal();
    this.#drop();
    try {
      if (this.#feed.ended(code)) this.#setState({ name: "ended" });
      else this.#reconnectLater();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      const problem = error.problem ?? { type: "closed", status: code, detail: error.message };
      this.#setState({ name: "ended", problem });
    }
  }

  /** A socket that ends before the greeting, while the server answers requests, is refused by something in between. */
  async #countRefusal() {
    this.#refused = (await isReachable()) ? this.#refused + 1 : 0;
  }

  #reconnectLater() {
    const wait = this.#feed.wait();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#setState({ name: "reconnecting", at: Date.now() + wait });
  }

  /** The connection is lost, whatever the browser says of it. */
  #lose() {
    if (this.state.name === "ended") return;
    this.#drop();
    this.#connecting?.abort();
    this.#reconnectLater();
  }

  #drop() {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    this.#feed.disconnected();
    socket?.close();
  }

  /** Browsers do not report a connection that is half open. Timers of hidden pages are late, so these wait longer. */
  #watch() {
    this.#askedFor = Infinity;
    clearTimeout(this.#watchdog);
    if (document.hidden) this.#watchdog = setTimeout(() => this.#lose(), SILENCE);
    else if (!this.#greeted) this.#watchdog = setTimeout(() => this.#lose(), GREETING);
    else this.#watchdog = setTimeout(() => this.#askForSign(PATIENCE), QUIET);
  }

  #askForSign(patience) {
    if (patience >= this.#askedFor) return; // a sign is awaited already
    this.#askedFor = patience;
    clearTimeout(this.#watchdog);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send('{"type":"ping"}');
    this.#watchdog = setTimeout(() => this.#lose(), patience);
  }

  #setState(state) {
    if (ENDED_RIGHTS.has(state.problem?.type)) dispatchEvent(new Event("not-authenticated")); // it may be the session
    const offline = state.name === "reconnecting" && !navigator.onLine;
    this.state = offline ? { ...state, name: "offline" } : state;
    this.#emit("state", this.state);
  }

  #emit(name, detail) {
    if (!this.#stopped.signal.aborted) this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const isReachable = async () => {
  try {
    return (await fetch(address("/health"))).ok;
  } catch {
    return false;
  }
};
