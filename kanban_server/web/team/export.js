/**
 * A board as a file, the same as `kanban export` writes: JSONL, CSV for a spreadsheet, or all of the board as JSONL
 * (`--full`). `kanban import` reads each of them.
 */

import { get } from "../lib/api.js";

const AT_ONCE = 6;
const PAGE = 500;
const BOARD_FIELDS = [
  ...["id", "name", "description", "column_settings", "wip_per_user", "review", "require", "created_at"],
];
const CSV_COLUMNS = [
  ...["id", "title", "current_column", "priority", "assignee", "labels", "created_by", "created_at", "updated_by"],
  ...["updated_at", "column_entered_at", "version", "comment_count", "source_id", "description", "acceptance_criteria"],
  ...[
    "board_id",
    "due_date",
    "not_before",
    "needs",
    "blocked_by",
    "parent",
    "links",
    "extra",
    "comments",
    "archived_at",
  ],
];
const MADE_HERE = "export:";
/** A spreadsheet would run a text that begins like this, or it looks as if it had been kept from that. */
const FORMULA = /^'*[=+\-@\t\r]/;
/** Of a list whose values have these, a reader would not know where they end. */
const SEPARATOR = /[,;\n]|^\[/;
/** Where a line would have more, the history goes on in further lines, so that each is imported in one request. */
const LINE_LENGTH = 768 * 1024;

/** Let the browser save a board's tickets. @param {"jsonl"|"csv"|"full"} format */
export const exportBoard = async (board, name, format) => {
  const exported = await load(board, format === "full");
  const text = format === "csv" ? toCsv(exported) : toJsonLines(exported, format === "full");
  const ending = format === "csv" ? "csv" : "jsonl";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: format === "csv" ? "text/csv" : "application/jsonl" }));
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "board"}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

/** The tickets with their comments, and what they wait for by name; with `full` the archive, the trash, the history. */
const load = async (id, full) => {
  const { board, tickets } = await get(`/api/boards/${id}/snapshot`);
  if (full) tickets.push(...(await pages(id, "archived")));
  const deleted = full ? (await pages(id, "deleted")).map((ticket) => ({ ...ticket, deleted: true })) : [];
  const all = [...tickets, ...deleted];
  const taken = new Set(all.map((ticket) => ticket.source_id));
  for (const ticket of all) ticket.source_id ??= nameOf(ticket, taken);
  const names = new Map(tickets.map((ticket) => [ticket.id, ticket.source_id]));
  await eachAtOnce(all, async (ticket) => {
    const { id, extra, blocked_by: blockers, parent } = ticket;
    const linked = blockers.filter((one) => names.has(one)).map((one) => names.get(one));
    ticket.blocked_by_sources = [...linked, ...(extra?.blocked_by_sources ?? [])];
    ticket.parent_source = names.get(parent) ?? extra?.parent_source ?? null;
    const query = ticket.deleted ? { deleted: true } : {};
    ticket.comments = ticket.comment_count ? await get(`/api/comments/ticket/${id}`, { query }) : [];
    if (full) ticket.history = await get(`/api/history/tickets/${id}/history`);
  });
  return { board, tickets: all };
};

/** All tickets in the archive, or in the trash. @param {"archived"|"deleted"} where */
const pages = async (board, where) => {
  const found = [];
  for (let page = 1, more = true; more; page++) {
    const query = { board_id: board, [where]: true, page, page_size: PAGE };
    const { items, has_next: next } = await get("/api/tickets/", { query });
    found.push(...items);
    more = next;
  }
  return found;
};

/** The name of a ticket that was made here, which no other has, also none from a board of the same number. */
const nameOf = ({ board_id: board, id }, taken) => {
  const name = `${MADE_HERE}${board}:${id}`;
  return taken.has(name) ? `${name}:made-here` : name;
};

const eachAtOnce = async (items, run) => {
  const rest = [...items];
  const next = async () => {
    for (let item = rest.pop(); item; item = rest.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
};

const toJsonLines = ({ board, tickets }, full) => {
  const about = Object.fromEntries(BOARD_FIELDS.filter((name) => name in board).map((name) => [name, board[name]]));
  const lines = full ? [{ _type: "board", ...about }, ...tickets.flatMap(withHistory)] : tickets;
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
};

/** A ticket as a line, and as further ones if its history is long: the shortest changes first, which are its moves. */
const withHistory = ({ history, ...ticket }) => {
  const sizes = new Map(history.map((change) => [change, lengthOf(change)]));
  const room = LINE_LENGTH - lengthOf(ticket);
  const fits = [...sizes.values()].reduce((sum, size) => sum + size, 0) <= room;
  const parts = [[]];
  let left = room;
  for (const change of fits ? history : history.toSorted((a, b) => sizes.get(a) - sizes.get(b))) {
    if (parts.at(-1).length && sizes.get(change) > left) {
      parts.push([]);
      left = room;
    }
    parts.at(-1).push(change);
    left -= sizes.get(change);
  }
  const [first, ...others] = parts;
  const further = others.map((part) => ({ _type: "history", source_id: ticket.source_id, history: part }));
  return [{ ...ticket, history: first }, ...further];
};

/** The length of a value as JSON in ASCII, as it is sent. */
const lengthOf = (value) => JSON.stringify(value).replace(/[\u0080-\uffff]/g, "\\u0000").length;

const toCsv = ({ tickets }) => {
  const cell = (value) => `"${text(value).replace(FORMULA, "'$&").replaceAll('"', '""')}"`;
  const rows = tickets.map((ticket) => {
    const fields = toRow(ticket);
    return CSV_COLUMNS.map((name) => cell(fields[name])).join(",");
  });
  return [CSV_COLUMNS.join(","), ...rows, ""].join("\n");
};

/** A ticket with the values of its cells: its links by name, and what is nested as JSON. */
const toRow = (ticket) => ({
  ...ticket,
  source_id: ticket.source_id.startsWith(MADE_HERE) ? null : ticket.source_id,
  blocked_by: ticket.blocked_by_sources,
  parent: ticket.parent_source,
  links: ticket.links.map(({ ref }) => ref),
  extra: ticket.extra && JSON.stringify(ticket.extra),
  comments:
    ticket.comments.length > 0
      ? JSON.stringify(ticket.comments.map(({ text, author, created_at }) => ({ text, author, created_at })))
      : null,
});

/** A value as the text of a cell; a list whose values have separators in them as JSON. */
const text = (value) => {
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return String(value);
  return value.some((one) => SEPARATOR.test(String(one))) ? JSON.stringify(value) : value.join(",");
};
