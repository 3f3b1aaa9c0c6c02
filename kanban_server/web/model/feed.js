/**
 * The event stream as a state machine: the reader's cursor, repeated events, gaps, and when to reconnect.
 *
 * No sockets and no clock. The rules are those of `kanban_sdk/stream/feed.py`; one table of cases (`tests/cases/feed.json`)
 * holds both.
 */

/** Close codes after which a client connects again; every other code is an end. */
const COME_BACK = new Set([1006, 1011, 1012, 1013]);
/** The ends that are meant: done; the board is deleted, and its last event was sent. */
const MEANT = new Set([1000, 4410]);
/** Milliseconds without a word after which the connection is taken for dead: two heartbeats and a little. */
export const SILENCE = 65_000;
const [FIRST_CEILING, GROWTH, CEILING] = [1000, 1.5, 30_000];

/** Something between the server and here was lost: connect again from the cursor. */
export class Lost extends Error {}

/** The cursor can't be served any longer: take a snapshot. The message is trimmed, epoch or ahead. */
export class Stale extends Error {}

/** The stream is over, and was not meant to be. */
export class Ended extends Error {
  constructor(code, problem) {
    super(problem?.detail ?? `The server closed the stream with code ${code}.`);
    this.code = code;
    this.problem = problem;
  }
}

/** What one reader knows of one board's stream. */
export class Feed {
  /** Whether the server has greeted this connection. */
  connected = false;
  /** Whether the cursor can't be served, so that a snapshot has to come first. */
  stale = false;
  /** Whether nothing more will come. */
  over = false;
  /** Connections since the last one that brought something. */
  attempts = 0;
  #problem = null;

  /** @param {number} board @param {string|null} after */
  constructor(board, after = null) {
    this.board = board;
    /** Everything up to here was emitted; null before the first connection of a reader that starts now. */
    this.cursor = after;
    this.seq = after === null ? null : number(after);
  }

  /** What to ask the server for. @returns {object} */
  query() {
    return this.cursor === null ? { board_id: this.board } : { board_id: this.board, after: this.cursor };
  }

  /**
   * The event, where the message is the next one; null for a repeat and for what is no event of the board.
   * @throws {Lost} where one is missing. @throws {Stale} where the server can't go on from the cursor.
   */
  receive(message) {
    const ours = message.board_id === this.board;
    if (message.event === "connected") {
      this.connected = true;
      this.#problem = null;
      this.#adopt(message.data.cursors?.[this.board]);
    } else if (message.event === "heartbeat") this.#compare(message.data.cursors?.[this.board]);
    else if (message.event === "resync" && ours) {
      this.stale = true;
      throw new Stale(message.data.reason);
    } else if (message.event === "error") this.#problem = message.data.problem ?? null;
    else if (ours && "seq" in message) return this.#next(message);
    return null;
  }

  /** Go on from a snapshot, which is emitted as an event. */
  restart(snapshot) {
    this.cursor = snapshot.cursor;
    this.seq = snapshot.seq;
    this.stale = false;
    return { event: "snapshot", board_id: this.board, seq: snapshot.seq, cursor: snapshot.cursor, snapshot };
  }

  /** The connection is gone. */
  disconnected() {
    this.connected = false;
  }

  /** How long to wait before the next connection, in ms: up to 1 s × 1.5ⁿ, at most 30 s, with full jitter. */
  wait(random = Math.random) {
    return random() * Math.min(CEILING, FIRST_CEILING * GROWTH ** this.attempts++);
  }

  /** Whether the stream is over for good. @throws {Ended} where it was not meant to end. */
  ended(code) {
    if (COME_BACK.has(code)) return false;
    if (this.#problem || !MEANT.has(code)) throw new Ended(code, this.#problem);
    this.over = true;
    return true;
  }

  /** Take the server's cursor: where the log is now, or the whole cursor for a bare number. */
  #adopt(cursor) {
    if (cursor === undefined || (this.cursor !== null && number(cursor) !== this.seq)) return;
    this.cursor = cursor;
    this.seq = number(cursor);
  }

  /** A heartbeat says what was sent: more than was received is a loss. */
  #compare(cursor) {
    if (cursor !== undefined && this.seq !== null && number(cursor) > this.seq)
      throw new Lost(`the server has sent ${cursor}, and ${this.cursor} has arrived`);
    this.attempts = 0;
  }

  #next(message) {
    if (this.seq !== null) {
      if (message.seq <= this.seq) return null;
      if (message.seq !== this.seq + 1) throw new Lost(`event ${message.seq} came after event ${this.seq}`);
    }
    this.seq = message.seq;
    this.cursor = message.cursor;
    this.attempts = 0;
    this.over = message.event === "board_deleted";
    return message;
  }
}

/** The number in a cursor; null where it has none. */
const number = (cursor) => {
  const digits = cursor.slice(cursor.lastIndexOf("-") + 1);
  return /^[0-9]{1,16}$/.test(digits) ? Number(digits) : null;
};
