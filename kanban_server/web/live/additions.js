/** Tickets that were added here and that the board does not show yet, since they wait for a connection. */

import { outbox } from "../lib/outbox.js";

export class Additions {
  #list = [];
  #onChange;
  #board;

  /** @param {number} board @param {() => void} onChange @param {AbortSignal} signal ends it. */
  constructor(board, onChange, signal) {
    this.#board = board;
    this.#onChange = onChange;
    outbox.addEventListener("change", () => this.#collect(), { signal });
    outbox.addEventListener("answered", ({ detail }) => this.#answered(detail), { signal });
    outbox.addEventListener("refused", ({ detail }) => this.#forget(detail.change), { signal });
    this.#collect();
  }

  /** Forget those that a board shows. */
  settle(board) {
    this.#list = this.#list.filter(({ id }) => !board.tickets.has(id));
  }

  /** The columns with these tickets at their ends. A pending ticket has a negative id. */
  show(columns) {
    if (!this.#list.length) return columns;
    return columns.map((column, index) => {
      const isHere = ({ body }) =>
        (body.current_column ?? columns[0].name) === column.name ||
        (index === 0 && !columns.some(({ name }) => name === body.current_column));
      const tickets = this.#list.filter(({ change }) => isHere(change)).map(asTicket);
      return tickets.length ? { ...column, tickets: [...column.tickets, ...tickets] } : column;
    });
  }

  #collect() {
    for (const change of outbox.changes) {
      const isOurs = change.waiting && change.path === "/api/tickets" && change.body?.board_id === this.#board;
      if (!isOurs || this.#list.some((one) => one.change === change)) continue;
      this.#list = [...this.#list, { change, id: null }];
      this.#onChange();
    }
  }

  #answered({ change, answer }) {
    const addition = this.#list.find((one) => one.change === change);
    if (!addition) return;
    addition.id = answer.id;
    this.#onChange();
  }

  #forget(change) {
    if (!this.#list.some((one) => one.change === change)) return;
    this.#list = this.#list.filter((one) => one.change !== change);
    this.#onChange();
  }
}

const asTicket = ({ change }, index) => ({
  id: -1 - index - change.at,
  pending: true,
  labels: [],
  priority: "medium",
  ...change.body,
});
