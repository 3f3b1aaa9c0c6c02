/** A board as a file: JSONL, which `kanban import jsonl` reads, or CSV for a spreadsheet. */

import { get } from "../lib/api.js";

const AT_ONCE = 6;
const CSV_COLUMNS = [
  ...["id", "title", "current_column", "priority", "assignee", "labels", "created_by", "created_at", "updated_by"],
  ...["updated_at", "column_entered_at", "version", "comment_count", "source_id", "description", "acceptance_criteria"],
];
/** A spreadsheet would run a text that begins like this. */
const FORMULA = /^[=+\-@\t\r]/;

/** Let the browser save a board's tickets. @param {"jsonl"|"csv"} format */
export const exportBoard = async (board, name, format) => {
  const { tickets } = await get(`/api/boards/${board}/snapshot`);
  const text = format === "csv" ? toCsv(tickets) : await toJsonLines(tickets);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: format === "csv" ? "text/csv" : "application/jsonl" }));
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "board"}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

const toJsonLines = async (tickets) => {
  for (const ticket of tickets) ticket.source_id ??= `export:${ticket.board_id}:${ticket.id}`;
  const sources = new Map(tickets.map(({ id, source_id: source }) => [id, source]));
  const commented = tickets.filter((ticket) => ticket.comment_count);
  const comments = new Map();
  const next = async () => {
    for (let ticket = commented.pop(); ticket; ticket = commented.pop())
      comments.set(ticket.id, await get(`/api/comments/ticket/${ticket.id}`));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  const line = (ticket) => {
    const extra = ticket.extra ?? {};
    const linked = ticket.blocked_by.filter((id) => sources.has(id)).map((id) => sources.get(id));
    return JSON.stringify({
      ...ticket,
      blocked_by_sources: [...linked, ...(extra.blocked_by_sources ?? [])],
      parent_source: sources.get(ticket.parent) ?? extra.parent_source ?? null,
      comments: comments.get(ticket.id) ?? [],
    });
  };
  return tickets.map((ticket) => `${line(ticket)}\n`).join("");
};

const toCsv = (tickets) => {
  const text = (value) =>
    value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value);
  const cell = (value) => `"${text(value).replace(FORMULA, "'$&").replaceAll('"', '""')}"`;
  const rows = tickets.map((ticket) => CSV_COLUMNS.map((name) => cell(ticket[name])).join(","));
  return [CSV_COLUMNS.join(","), ...rows, ""].join("\n");
};
