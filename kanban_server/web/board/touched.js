/** Which cards others have just touched, so that they can be seen for a moment; not while everything moves. */

const SHOWN = 1600;
/** Events within that time beyond which nothing is marked, and nothing glides. */
const BUSY = 20;

export class Touched {
  #who = new Map();
  #recent = 0;
  #ended;

  /** @param {(ids: number[]) => void} ended is told of cards that need no longer be marked. */
  constructor(ended) {
    this.#ended = ended;
  }

  /** Take note of events that somebody else caused. */
  hear(events, me) {
    this.#count(events.length);
    if (this.busy) return;
    const ids = [];
    for (const { event, actor, data } of events) {
      const id = event.startsWith("ticket_") ? data.id : event.startsWith("comment_") ? data.ticket_id : null;
      if (id === null || actor === me) continue;
      this.#who.set(id, actor);
      ids.push(id);
    }
    if (!ids.length) return;
    setTimeout(() => {
      ids.forEach((id) => this.#who.delete(id));
      this.#ended(ids);
    }, SHOWN);
  }

  /** Whether more happens than one could follow. */
  get busy() {
    return this.#recent > BUSY;
  }

  #count(more) {
    if (!more) return;
    this.#recent += more;
    setTimeout(() => (this.#recent -= more), SHOWN);
  }

  /** Who has just touched a ticket; undefined for nobody. */
  by(id) {
    return this.#who.get(id);
  }
}
