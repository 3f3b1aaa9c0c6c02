/**
 * Changes of one ticket or of several at once, each of which can be undone. Several are changed in one transaction: all
 * of them, or none.
 */

import { patch, post, remove } from "../lib/api.js";
import { toast } from "../controls/toast.js";
import { undoable } from "../lib/undo.js";
import { isMine } from "../lib/user.js";
import { attempt } from "../live/attempt.js";

const forced = (force) => ({ query: force ? { force: true } : {} });

export class TicketActions {
  #live;

  /** @param live the board that the tickets are on; see `LiveBoard`. */
  constructor(live) {
    this.#live = live;
  }

  /** Change fields. @param {number[]} ids @param {object} fields @param {string} [text] what was done, for the undo */
  edit(ids, fields, text = `Changed ${listed(ids)}`) {
    const before = this.#tickets(ids).map((ticket) => [ticket, valuesOf(ticket, fields)]);
    const back = before.map(([{ id, version }, values]) => ({
      op: "edit",
      ticket: id,
      version: version + 1,
      ...values,
    }));
    if (ids.length > 1) return this.#together(text, ids, (id) => ({ op: "edit", ticket: id, ...fields }), back);
    const [[ticket, values]] = before;
    const run = (force) => patch(`/api/tickets/${ticket.id}`, fields, forced(force));
    return this.#attempt("Not saved", run, ({ version }) => {
      if (version !== ticket.version) undoable(text, () => patch(`/api/tickets/${ticket.id}`, values, { version }));
    });
  }

  assign(ids, name) {
    return this.edit(
      ids,
      { assignee: name },
      name ? `Assigned ${listed(ids)} to ${name}` : `Unassigned ${listed(ids)}`,
    );
  }

  setPriority(ids, priority) {
    return this.edit(ids, { priority }, `Set ${listed(ids)} to ${priority}`);
  }

  /** Add and remove labels. @param {number[]} ids @param {{add?: string[], remove?: string[]}} change */
  label(ids, { add = [], remove: drop = [] }) {
    const text = add.length
      ? `Labelled ${listed(ids)} ${add.join(", ")}`
      : `Took ${drop.join(", ")} from ${listed(ids)}`;
    const inverse = ({ id, labels = [] }) => ({
      op: "label",
      ticket: id,
      add: drop.filter((name) => labels.includes(name)),
      remove: add.filter((name) => !labels.includes(name)),
    });
    const back = this.#tickets(ids)
      .map(inverse)
      .filter((one) => one.add.length || one.remove.length);
    if (ids.length > 1)
      return this.#together(text, ids, (id) => ({ op: "label", ticket: id, add, remove: drop }), back);
    const run = (force) => post(`/api/tickets/${ids[0]}/labels`, { add, remove: drop }, forced(force));
    return this.#attempt("Not saved", run, () => back.length && undoable(text, () => operate(back)));
  }

  /**
   * Move one ticket. @param {{column: string, before?: number, after?: number, place?: string}} target
   * @returns {Promise<any>} the ticket; null where it was refused
   */
  move(id, target) {
    const ticket = this.#live.board.tickets.get(id);
    const origin = this.#placeOf(ticket);
    const run = (force) => this.#live.moves.make(id, target, { force });
    const done = ({ version }) => {
      if (version === ticket.version) return;
      const text =
        ticket.current_column === target.column
          ? `Moved #${id} within ${target.column}`
          : `Moved #${id} to ${target.column}`;
      undoable(text, () => this.#live.moves.make(id, { ...origin, version }));
    };
    return this.#attempt(`#${id} stays where it was`, run, done, "Move anyway");
  }

  /** Move several tickets, in this order, to a place. */
  moveAll(ids, { column, ...target }) {
    if (ids.length === 1) return this.move(ids[0], { column, ...target });
    const order = this.#live.columns.flatMap(({ tickets }) => tickets.map((ticket) => ticket.id));
    const places = this.#tickets(ids)
      .sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
      .map((ticket) => ({ op: "move", ticket: ticket.id, ...this.#placeOf(ticket, ids), version: ticket.version + 1 }));
    // Those behind one neighbour go back from the last to the first, so that each pushes on the one before
    const back = [...places.filter(({ after }) => !after), ...places.filter(({ after }) => after).reverse()];
    const next = (id, index) => ({ op: "move", ticket: id, column, ...(index ? { after: ids[index - 1] } : target) });
    return this.#together(`Moved ${listed(ids)} to ${column}`, ids, next, back);
  }

  /** Move what was dropped; where others moved it while it was carried, say so. @param before the ticket when lifted */
  async drop(ids, target, before) {
    const { id } = before;
    const now = this.#live.board.tickets.get(id);
    const moved = await this.moveAll(ids, target);
    if (!moved || now.current_column === before.current_column) return;
    const text = `${now.updated_by} moved #${id} to ${now.current_column} while you held it. It is in ${target.column} now.`;
    toast(text, { stays: 12_000 });
  }

  async delete(ids) {
    const text = `Deleted ${listed(ids)}`;
    const back = ids.map((id) => ({ op: "restore", ticket: id }));
    if (ids.length > 1) return this.#together(text, ids, (id) => ({ op: "delete", ticket: id }), back);
    const run = (force) => remove(`/api/tickets/${ids[0]}`, forced(force));
    return this.#attempt(`#${ids[0]} is not deleted`, run, () => undoable(text, () => this.#restore(ids[0])));
  }

  restore(id) {
    return this.#attempt(`#${id} is not restored`, (force) => this.#restore(id, force));
  }

  /** Claim a ticket; with `takeOver` also from another holder. */
  claim(id, { takeOver = false } = {}) {
    const run = (force) => post(`/api/tickets/${id}/claim`, { force: force || takeOver });
    return this.#attempt("You do not hold it", run);
  }

  /** Claim a ticket, or release it where it is the user's own. */
  toggleClaim(id) {
    const holder = this.#live.board.tickets.get(id)?.claim?.holder;
    if (!holder || !isMine(holder)) return this.claim(id);
    return this.#attempt("You still hold it", () => post(`/api/tickets/${id}/release`, {}));
  }

  #restore(id, force = false) {
    return post(`/api/tickets/${id}/restore`, {}, forced(force));
  }

  /** The position of a ticket, as the target of a move: relative to a neighbour that is not moved as well. */
  #placeOf(ticket, moved = [ticket.id]) {
    const column = this.#live.columns.find(({ name }) => name === ticket.current_column);
    const tickets = column.tickets.filter(({ id, pending }) => !pending && (id === ticket.id || !moved.includes(id)));
    const at = tickets.findIndex(({ id }) => id === ticket.id);
    if (tickets[at + 1]) return { column: column.name, before: tickets[at + 1].id };
    return tickets[at - 1] ? { column: column.name, after: tickets[at - 1].id } : { column: column.name };
  }

  #together(text, ids, operation, back) {
    const run = (force) => operate(ids.map(operation), force);
    return this.#attempt(`Nothing is changed`, run, () => undoable(text, () => operate(back)));
  }

  #tickets(ids) {
    return ids.map((id) => this.#live.board.tickets.get(id)).filter(Boolean);
  }

  #attempt(failed, run, done = undefined, again = undefined) {
    return attempt(failed, run, this.#live.now(), done, again);
  }
}

const operate = (operations, force = false) =>
  post("/api/bulk/operations", { operations, atomic: true }, forced(force));

const valuesOf = (ticket, fields) =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, ticket[name] ?? null]));

/** `#12`, or `3 tickets`. */
const listed = (ids) => (ids.length === 1 ? `#${ids[0]}` : `${ids.length} tickets`);
