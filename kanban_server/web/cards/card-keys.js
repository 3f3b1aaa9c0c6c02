/** The keys on a focused card: going to another card, carrying this one, selecting it. */

const STEPS = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  k: [0, -1],
  j: [0, 1],
  h: [-1, 0],
  l: [1, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

export class CardKeys {
  #page;

  /**
   * @param {HTMLElement} host holds the columns.
   * @param page gives `columns()` (as shown), `lifted`, `lift(id)`, `over(column, index)`, `drop()`, `cancel()`,
   *   `select(id)` and `focusCard(id)`.
   */
  constructor(host, page) {
    this.#page = page;
    host.addEventListener("keydown", (event) => this.#key(event));
    host.addEventListener("focusout", (event) => {
      const next = /** @type {Node} */ (event.relatedTarget);
      const gone = next && !host.contains(next);
      if (gone && page.lifted.id !== null && !page.dragging()) page.cancel();
    });
  }

  #key(event) {
    const card = event.target.closest?.(".card");
    if (!card || event.target.closest("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const id = Number(card.dataset.ticket);
    const carrying = this.#page.lifted.id === id;
    if (this.#act(event, id, carrying)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  #act(event, id, carrying) {
    const step = STEPS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key === "x" && !carrying) return (this.#page.select(id), true);
    if (event.key === " ") return (carrying ? this.#page.drop() : this.#page.lift(id), true);
    if (carrying && event.key === "Enter") return (this.#page.drop(), true);
    if (carrying && event.key === "Escape") return (this.#page.cancel(), true);
    if (!step) return carrying && event.key !== "Tab";
    if (id < 0 && event.shiftKey) return true; // it waits for a connection
    if (carrying) this.#carry(step);
    else if (event.shiftKey) this.#shove(id, step);
    else this.#go(id, step);
    return true;
  }

  #go(id, [across, along]) {
    const { column, index } = this.#find(id);
    const columns = this.#page.columns();
    if (!across) {
      const tickets = columns[column].tickets;
      return this.#page.focusCard(tickets[clamp(index + along, tickets.length)].id);
    }
    for (let at = column + across; columns[at]; at += across) {
      const { tickets } = columns[at];
      if (tickets.length) return this.#page.focusCard(tickets[clamp(index, tickets.length)].id);
    }
  }

  #carry([across, along]) {
    const { column, index } = this.#find(this.#page.lifted.id);
    const columns = this.#page.columns();
    const to = columns[column + across];
    if (!to) return;
    this.#page.over(to.name, across ? Math.min(index, to.tickets.length) : clamp(index + along, to.tickets.length));
  }

  #shove(id, step) {
    if (!this.#page.lift(id, { quietly: true })) return;
    this.#carry(step);
    this.#page.drop();
  }

  #find(id) {
    const columns = this.#page.columns();
    const column = columns.findIndex((one) => one.tickets.some((ticket) => ticket.id === id));
    return { column, index: columns[column].tickets.findIndex((ticket) => ticket.id === id) };
  }
}

const clamp = (index, count) => Math.max(0, Math.min(count - 1, index));
