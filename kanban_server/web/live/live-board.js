/** One board, live: what it looks like now, with the moves that are under way, drawn at most once a frame. */

import { EMPTY, fold } from "../model/board.js";
import { arrange, withMoves } from "../model/columns.js";
import { Facts } from "../model/facts.js";
import { Feed } from "../model/feed.js";
import { Additions } from "./additions.js";
import { Leases } from "./leases.js";
import { Moves } from "./moves.js";
import { Connection } from "./connection.js";

/** Milliseconds after which the board is drawn without a frame: a hidden page gets none. */
const LATEST = 200;

/**
 * Tells, as events of its own: `change` (with the `events` that made it; none for a move of one's own), `state` (of the
 * connection), `message` (whatever else the server says).
 */
export class LiveBoard extends EventTarget {
  /** The board as its log makes it. */
  board = EMPTY;
  /** Its columns with their tickets, moves under way included. */
  columns = [];
  facts = new Facts(EMPTY);
  /** Criteria, counted by the server where the text is not here: id to `{done, all}`. */
  counted = new Map();
  /** By how much the server's clock is ahead, in ms. */
  ahead = 0;
  #arranged = [];
  #events = [];
  #drawing = false;
  #connection;
  #stopped = new AbortController();

  constructor(id) {
    super();
    this.id = id;
    const { signal } = this.#stopped;
    this.moves = new Moves(() => this.#draw(), signal);
    this.additions = new Additions(id, () => this.#draw(), signal);
    this.leases = new Leases(() => this.now());
    this.#connection = new Connection(new Feed(id));
    this.#connection.addEventListener("event", ({ detail }) => this.#receive(detail));
    this.#connection.addEventListener("state", () => this.#emit("state"));
    this.#connection.addEventListener("message", ({ detail }) => this.#message(detail));
  }

  /** The state of the connection; see `Connection`. */
  get state() {
    return this.#connection.state;
  }

  start() {
    this.#connection.start();
  }

  stop() {
    this.#stopped.abort();
    this.#connection.stop();
  }

  /** Connect now, where there is no connection. */
  retry() {
    this.#connection.retry();
  }

  /** Connect anew, under another name. */
  renew() {
    this.#connection.renew();
  }

  /** Say something to the server. */
  send(message) {
    this.#connection.send(message);
  }

  /** Now, by the server's clock. */
  now() {
    return Date.now() + this.ahead;
  }

  #message(message) {
    if (message.data?.server_time) this.ahead = Date.parse(message.data.server_time) - Date.now();
    this.#emit("message", message);
  }

  #receive(event) {
    if (event.event === "snapshot") {
      this.counted = new Map(event.snapshot.tickets.map((ticket) => [ticket.id, ticket.criteria]));
      this.leases.clear();
    } else {
      if ("acceptance_criteria" in event.data) this.counted.delete(event.data.id); // the text is here from now on
      this.leases.receive(event);
    }
    this.#events.push(event);
    this.#draw();
  }

  /** What happens within a frame is shown together, so that a burst costs no more than its last state. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      this.#drawing = false;
      const events = this.#events.splice(0);
      if (events.length) {
        this.board = fold(this.board, events);
        this.facts = new Facts(this.board);
        this.#arranged = arrange(this.board, this.#arranged);
      }
      this.moves.settle(this.board);
      this.additions.settle(this.board);
      this.columns = this.additions.show(withMoves(this.#arranged, this.moves.list));
      this.#emit("change", { events });
    };
    const frame = requestAnimationFrame(draw);
    const timer = setTimeout(draw, LATEST);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
