/** Keeps what is sent below the server's limits: ten messages a second, twenty of presence. */

const EACH = 100;
const EACH_PRESENCE = 50;

export class Pacer {
  #write;
  #waiting = new Map();
  #timers = new Map();

  /** @param {(text: string) => void} write */
  constructor(write) {
    this.#write = write;
  }

  /** Send now, or as soon as may be; a newer message of the same type replaces one that waits. */
  send(message) {
    this.#waiting.set(message.type, message);
    if (!this.#timers.has(message.type)) this.#flush(message.type);
  }

  #flush(type) {
    const message = this.#waiting.get(type);
    this.#timers.delete(type);
    if (!message) return;
    this.#waiting.delete(type);
    this.#write(JSON.stringify(message));
    this.#timers.set(
      type,
      setTimeout(() => this.#flush(type), type === "presence" ? EACH_PRESENCE : EACH),
    );
  }
}
