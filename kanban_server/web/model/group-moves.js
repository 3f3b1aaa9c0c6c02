/** Successive moves of one ticket by one person, shown as one. */

const CLOSE = 10 * 60_000;

/**
 * Events from the newest on, with such moves as one event: from where the first began to where the last ended, with
 * their number as `moves`.
 */
export const groupMoves = (events) => {
  const grouped = [];
  for (const event of events) {
    const newer = grouped.at(-1);
    if (newer && belongsTo(event, newer)) grouped[grouped.length - 1] = joined(event, newer);
    else grouped.push(event);
  }
  return grouped;
};

const belongsTo = (older, newer) =>
  older.event === "ticket_moved" &&
  newer.event === "ticket_moved" &&
  older.data.id === newer.data.id &&
  older.actor === newer.actor &&
  Date.parse(newer.timestamp) - Date.parse(older.timestamp) < CLOSE;

const joined = (older, newer) => ({
  ...newer,
  data: {
    ...newer.data,
    from_column: older.data.from_column,
    moves: (older.data.moves ?? 1) + (newer.data.moves ?? 1),
  },
});
