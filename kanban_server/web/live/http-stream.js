/**
 * The stream of a board over HTTP (server-sent events), for networks that let no WebSocket through. It looks like a
 * WebSocket to `Connection`; the only message that can be sent is a ping.
 */

import { address } from "../lib/base.js";

const [CONNECTING, OPEN] = [0, 1];
/** Milliseconds between two requests for all boards, of which there is no such stream. */
const POLL = 5_000;

export class HttpStream {
  readyState = CONNECTING;
  /** @type {(message: {data: string}) => void} */
  onmessage = () => {};
  /** @type {(close: {code: number}) => void} */
  onclose = () => {};
  #poll = null;
  #closed = new AbortController();

  constructor(feed) {
    if (feed.board === null) this.#pollInstead();
    else this.#read(feed);
  }

  /** Ask for a sign of life. */
  send() {
    fetch(address("/health"), { signal: this.#closed.signal }).then(
      () => this.#emit('{"event":"pong"}'),
      () => {},
    );
  }

  close() {
    clearInterval(this.#poll);
    this.#closed.abort();
  }

  async #read(feed) {
    const { signal } = this.#closed;
    const url = address(`/api/boards/${feed.board}/events`);
    url.searchParams.set("after", feed.cursor);
    try {
      const response = await fetch(url, { signal, headers: { Accept: "text/event-stream" } });
      if (response.status === 410)
        return this.#emit(JSON.stringify({ event: "resync", board_id: feed.board, data: {} }));
      if (!response.ok) return this.#close();
      this.#open();
      await this.#readLines(response.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      // it is lost, or was closed
    }
    this.#close();
  }

  async #readLines(reader) {
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line.startsWith("data: ")) this.#emit(line.slice("data: ".length));
    }
  }

  #pollInstead() {
    setTimeout(() => this.#open());
    this.#poll = setInterval(() => this.#emit('{"event":"poll","board_id":null}'), POLL);
  }

  #open() {
    this.readyState = OPEN;
    this.#emit('{"event":"connected","data":{}}');
  }

  #emit(data) {
    if (!this.#closed.signal.aborted) this.onmessage({ data });
  }

  #close() {
    if (this.#closed.signal.aborted) return;
    this.close();
    this.onclose({ code: 1006 });
  }
}
