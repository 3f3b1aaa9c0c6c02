/** The tickets that are selected, to change them at once. */

export class Selection {
  ids = new Set();
  #last = null;
  #onChange;

  /** @param {() => void} onChange is called whenever the selection changed. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get size() {
    return this.ids.size;
  }

  has(id) {
    return this.ids.has(id);
  }

  toggle(id) {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#last = id;
    this.#onChange();
  }

  /** Select all between the last one that was selected and this one, in the order of `columns`. */
  extend(id, columns) {
    const order = columns.flatMap((column) => column.tickets.filter(({ pending }) => !pending).map((one) => one.id));
    const [from, to] = [order.indexOf(this.#last), order.indexOf(id)];
    if (from < 0 || to < 0) return this.toggle(id);
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(one);
    this.#last = id;
    this.#onChange();
  }

  /** Select exactly these. */
  set(ids) {
    this.ids = new Set(ids);
    this.#onChange();
  }

  clear() {
    if (this.ids.size) this.set([]);
  }

  /** Forget tickets that have left the board. */
  keepOnly(tickets) {
    for (const id of this.ids) if (!tickets.has(id)) this.ids.delete(id);
  }
}
