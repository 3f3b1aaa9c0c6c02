/**
 * What a board looks like after one more event. No DOM, no network: the rules are those of `kanban_sdk/stream/fold.py`, and
 * one table of cases (`tests/cases/fold.json`) holds both.
 *
 * Values in events are absolute, so one rule serves nearly all of them: what an event has for a stored field is how
 * the field is now. Folding an event twice is folding it once. Boards are never changed: an event makes another one,
 * and a ticket that stays as it was stays the same object.
 */

export const TICKET_FIELDS = new Set([
  ...["id", "board_id", "title", "description", "acceptance_criteria", "priority", "assignee", "labels"],
  ...["current_column", "place", "created_by", "updated_by", "assigned_by", "created_at", "updated_at"],
  ...["column_entered_at", "version", "comment_count", "claim", "source_id", "extra", "blocked_by", "parent"],
  ...["due_date", "links", "not_before", "needs", "files", "asked"],
]);
export const BOARD_FIELDS = new Set([
  ...["id", "name", "description", "columns", "column_settings", "created_at", "updated_at", "version"],
  ...["wip_per_user", "review", "require"],
]);

/** A board of which nothing is known yet. */
export const EMPTY = { board: {}, tickets: new Map(), seq: 0, cursor: null, deleted: false };

/** What a snapshot shows. */
export const begin = (snapshot) => ({
  board: stored(snapshot.board, BOARD_FIELDS),
  tickets: new Map(snapshot.tickets.map((ticket) => [ticket.id, stored(ticket, TICKET_FIELDS)])),
  seq: snapshot.seq,
  cursor: snapshot.cursor,
  deleted: false,
});

/** The board after more events, one after another, with one copy for all of them. */
export const fold = (board, events) => {
  const next = { ...board, tickets: new Map(board.tickets) };
  for (const event of events) {
    if (event.event === "snapshot") Object.assign(next, begin(event.snapshot));
    else if (event.seq > next.seq) {
      next.seq = event.seq;
      next.cursor = event.cursor;
      change(event.event)?.(next, event.data);
    }
  }
  return next;
};

const change = (name) => CHANGES[name] ?? CHANGES[`${name.split("_")[0]}_`];

const stored = (data, fields) => Object.fromEntries(Object.entries(data).filter(([name]) => fields.has(name)));

const update = (board, data) => {
  const known = board.tickets.get(data.id);
  if (known) board.tickets.set(data.id, { ...known, ...stored(data, TICKET_FIELDS) });
};

/** A comment or a question changes its ticket. */
const updateTicketOfComment = (board, { ticket_id: id, comment_count: count, asked }) =>
  update(board, { id, ...(count !== undefined && { comment_count: count }), ...(asked && { asked }) });

const put = (board, data) => board.tickets.set(data.id, stored(data, TICKET_FIELDS));

const updateBoard = (board, data) => {
  board.board = { ...board.board, ...stored(data, BOARD_FIELDS) };
  if (!data.renamed) return;
  for (const [id, ticket] of board.tickets)
    if (ticket.current_column === data.renamed.from)
      board.tickets.set(id, { ...ticket, current_column: data.renamed.to });
};

/** What each event changes; a name that is not here falls back to the rule of its kind. */
const CHANGES = {
  ticket_created: put,
  ticket_restored: put,
  ticket_deleted: (board, data) => board.tickets.delete(data.id),
  ticket_archived: (board, data) => board.tickets.delete(data.id),
  ticket_: update,
  comment_: updateTicketOfComment,
  question_: updateTicketOfComment,
  board_deleted: (board, data) => {
    updateBoard(board, data);
    board.deleted = true;
  },
  board_: updateBoard,
  column_reordered: (board, data) => data.ids.forEach((id, index) => update(board, { id, place: data.places[index] })),
};
