/**
 * The card that the user carries, by pointer or by keys: shown where it would land. The place is kept as a neighbour, so
 * that changes of others do not move it.
 */

import { intent, withMoves } from "../model/columns.js";

export class LiftedCard {
  /** The id of the ticket that is carried; null for none. */
  id = null;
  /** `{column, before?, after?, place?}` */
  target = null;
  /** The ticket as it was when it was lifted. */
  ticket = null;
  #columns = () => [];
  #changed;

  /** @param {() => object[]} columns are those of the board. @param {() => void} changed is called at every change. */
  constructor(columns, changed) {
    this.#columns = columns;
    this.#changed = changed;
  }

  /** Take a ticket. */
  lift(id) {
    const place = find(this.#columns(), id);
    if (!place || place.ticket.pending) return false;
    this.id = id;
    this.ticket = place.ticket;
    this.target = aim(place.column, id, place.index);
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

  /** The columns filtered by `passes` (null: all), each with the count of `all` its tickets, this one where it is now. */
  visible(columns, passes) {
    const all = this.view(columns);
    const isShown = (ticket) => ticket.id === this.id || passes(ticket);
    return columns.map((column, index) => ({
      ...column,
      all: all[index].tickets.length,
      tickets: passes ? column.tickets.filter(isShown) : column.tickets,
    }));
  }

  /** Where it is held: `{column, index, count}`. */
  where() {
    const { column, index } = find(this.view(this.#columns()), this.id);
    return { column, index, count: column.tickets.length };
  }
}

const aim = (column, id, index) => {
  const others = column.tickets.filter((ticket) => ticket.id !== id && !ticket.pending);
  return { column: column.name, ...intent(others, Math.max(0, index)) };
};

const find = (columns, id) => {
  for (const column of columns) {
    const index = column.tickets.findIndex((ticket) => ticket.id === id);
    if (index >= 0) return { column, index, ticket: column.tickets[index] };
  }
  return null;
};
