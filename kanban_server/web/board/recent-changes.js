/** Which cards others have just changed, so that they are marked for a moment; none while very much happens. */

const SHOWN = 1600;
/** Events within that time beyond which nothing is marked, and nothing glides. */
const BUSY = 20;

export class RecentChanges {
  #who = new Map();
  #recent = 0;
  #onEnd;

  /** @param {(ids: number[]) => void} onEnd is called with the cards that are no longer marked. */
  constructor(onEnd) {
    this.#onEnd = onEnd;
  }

  /** Take note of the events of others. */
  add(events, me) {
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
      this.#onEnd(ids);
    }, SHOWN);
  }

  /** Whether more happens than anybody could follow. */
  get busy() {
    return this.#recent > BUSY;
  }

  #count(more) {
    if (!more) return;
    this.#recent += more;
    setTimeout(() => (this.#recent -= more), SHOWN);
  }

  /** Who has just changed a ticket; undefined for nobody. */
  by(id) {
    return this.#who.get(id);
  }
}
