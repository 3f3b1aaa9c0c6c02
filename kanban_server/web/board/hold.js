/**
 * The card that the user holds, by pointer or by keys: shown where it would land, whatever happens around it. Where it
 * would land is said by a neighbour, so that what others do meanwhile moves it nowhere.
 */

import { intent, withMoves } from "../model/columns.js";

export class Hold {
  /** The ticket that is held; null for none. */
  id = null;
  /** `{column, before?, after?, place?}` */
  target = null;
  #columns = () => [];
  #changed;

  /** @param {() => object[]} columns are those of the board. @param {() => void} changed is called at every change. */
  constructor(columns, changed) {
    this.#columns = columns;
    this.#changed = changed;
  }

  /** Take a ticket. */
  lift(id) {
    const found = find(this.#columns(), id);
    if (!found) return false;
    this.id = id;
    this.target = aim(found.column, id, found.index);
    this.#changed();
    return true;
  }

  /** Hold it over a place: an index among the other tickets of a column. */
  over(name, index) {
    const column = this.#columns().find((one) => one.name === name);
    if (!column) return;
    const target = aim(column, this.id, index);
    if (JSON.stringify(target) === JSON.stringify(this.target)) return;
    this.target = target;
    this.#changed();
  }

  /** Let go. The target, where the ticket would go anywhere else; null where it stays. */
  drop() {
    const { id, target } = this;
    const here = find(this.#columns(), id);
    const there = find(this.view(this.#columns()), id);
    const stays = !there || (here.column.name === there.column.name && here.index === there.index);
    this.cancel();
    return stays ? null : target;
  }

  /** Let go, and leave the ticket where it is. */
  cancel() {
    this.id = null;
    this.target = null;
    this.#changed();
  }

  /** The columns with the ticket where it would land. Lets go of one that is there no longer. */
  view(columns) {
    if (this.id === null) return columns;
    return withMoves(columns, [{ id: this.id, ...this.target }]);
  }

  /** Where it is held: `{column, index, count}`. */
  where() {
    const { column, index } = find(this.view(this.#columns()), this.id);
    return { column, index, count: column.tickets.length };
  }
}

const aim = (column, id, index) => {
  const others = column.tickets.filter((ticket) => ticket.id !== id);
  return { column: column.name, ...intent(others, Math.max(0, index)) };
};

const find = (columns, id) => {
  for (const column of columns) {
    const index = column.tickets.findIndex((ticket) => ticket.id === id);
    if (index >= 0) return { column, index };
  }
  return null;
};
