/** Which tickets stand in which column, in which order. */

/**
 * Places compare as bytes. They are ASCII, for which JavaScript's comparison of texts is the same; never
 * `localeCompare`, which would sort them as words.
 */
const byPlace = (a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.id - b.id);

/**
 * The columns of a board, each with its tickets from the top: `[{id, name, role, limit, tickets}]`. `previous` is
 * what this gave before: what is nearly in order is sorted fast.
 */
export const arrange = (board, previous = []) => {
  const columns = (board.board.column_settings ?? []).map((setting) => ({ ...setting, tickets: [] }));
  const byName = new Map(columns.map((column) => [column.name, column]));
  const put = (ticket) => byName.get(ticket.current_column)?.tickets.push(ticket);
  const known = new Set();
  for (const column of previous)
    for (const { id } of column.tickets) {
      const ticket = board.tickets.get(id);
      if (ticket && !known.has(id)) put(ticket);
      known.add(id);
    }
  for (const [id, ticket] of board.tickets) if (!known.has(id)) put(ticket);
  for (const column of columns) column.tickets.sort(byPlace);
  return columns;
};

/**
 * The columns as they will be once moves that are under way have been made: `{id, column, before?, after?}` each,
 * as they are sent to the server.
 */
export const withMoves = (columns, moves) => {
  if (!moves.length) return columns;
  const shown = columns.map((column) => ({ ...column, tickets: [...column.tickets] }));
  for (const move of moves) {
    const from = shown.find((column) => column.tickets.some((ticket) => ticket.id === move.id));
    const to = shown.find((column) => column.name === move.column);
    if (!from || !to) continue; // deleted meanwhile
    const [ticket] = from.tickets.splice(
      from.tickets.findIndex((one) => one.id === move.id),
      1,
    );
    to.tickets.splice(landing(to.tickets, move), 0, { ...ticket, current_column: to.name });
  }
  return shown;
};

/** Where in a list a ticket lands that is meant to stand before or after another. */
const landing = (tickets, { before, after, place }) => {
  const at = tickets.findIndex((ticket) => ticket.id === (before ?? after));
  if (at >= 0) return before ? at : at + 1;
  return place === "top" ? 0 : tickets.length;
};

/** The ticket `step` places after another one in the order of the board, among those that pass a test. */
export const neighbourOf = (columns, passes, id, step) => {
  const order = columns.flatMap(({ tickets }) => tickets.filter((ticket) => !ticket.pending && passes(ticket)));
  return order[order.findIndex((ticket) => ticket.id === id) + step];
};

/** How to say, as an intent, that a ticket is to stand at an index of a column's other tickets. */
export const intent = (others, index) => {
  if (index >= others.length) return others.length ? { after: others.at(-1).id } : { place: "bottom" };
  return { before: others[index].id };
};
