/** Facts derived from the tickets of a board: which ticket waits for which, which is part of which, which are ready. */

const NEEDS_HUMAN = "needs-human";

/** Facts of one state of a board. Each is computed when it is first read. */
export class Facts {
  #board;
  #done;
  #children = null;

  constructor(board) {
    this.#board = board;
    const settings = board.board.column_settings ?? [];
    this.#done = new Set(settings.filter((column) => column.role === "done").map((column) => column.name));
    this.todo = new Set(settings.filter((column) => column.role === "todo").map((column) => column.name));
  }

  /** Whether the ticket is in a done column. */
  done(ticket) {
    return this.#done.has(ticket.current_column);
  }

  /** The tickets that a ticket waits for, and that are not done. */
  blockers(ticket) {
    if (!ticket.blocked_by?.length) return [];
    return ticket.blocked_by.map((id) => this.#board.tickets.get(id)).filter((one) => one && !this.done(one));
  }

  /** The tickets that wait for a ticket. */
  waiting(ticket) {
    return [...this.#board.tickets.values()].filter((one) => one.blocked_by?.includes(ticket.id));
  }

  /** The parts of a ticket. */
  children(ticket) {
    if (!this.#children) {
      this.#children = Map.groupBy
        ? Map.groupBy(this.#board.tickets.values(), (one) => one.parent)
        : grouped(this.#board.tickets.values());
    }
    return this.#children.get(ticket.id) ?? [];
  }

  /** Whether a ticket can be taken: in a todo column, not held, not blocked, no open parts, no person needed, not parked. */
  ready(ticket) {
    return (
      this.todo.has(ticket.current_column) &&
      !ticket.claim &&
      !ticket.not_before &&
      !ticket.labels?.includes(NEEDS_HUMAN) &&
      !this.blockers(ticket).length &&
      this.children(ticket).every((child) => this.done(child))
    );
  }
}

const grouped = (tickets) => {
  const groups = new Map();
  for (const ticket of tickets) {
    if (!groups.has(ticket.parent)) groups.set(ticket.parent, []);
    groups.get(ticket.parent).push(ticket);
  }
  return groups;
};

const CRITERION = /^\s*(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)?(?:\[([ xX])\](?:\s+|$))?(.*)$/s;

/** The criteria in a ticket's text, one a line, as the server counts them: `[{number, text, done}]`. */
export const criteria = (text) =>
  (text ?? "")
    .split("\n")
    .filter((line) => line.trim())
    .map((line, index) => {
      const [, box, criterion] = CRITERION.exec(line);
      return { number: index + 1, text: criterion.trim(), done: box === "x" || box === "X" };
    });
