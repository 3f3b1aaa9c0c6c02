/** Which cards others have just touched, so that they can be seen for a moment. */

const SHOWN = 1600;

export class Touched {
  #who = new Map();
  #ended;

  /** @param {(ids: number[]) => void} ended is told of cards that need no longer be marked. */
  constructor(ended) {
    this.#ended = ended;
  }

  /** Take note of events that somebody else caused. */
  hear(events, me) {
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

  /** Who has just touched a ticket; undefined for nobody. */
  by(id) {
    return this.#who.get(id);
  }
}
