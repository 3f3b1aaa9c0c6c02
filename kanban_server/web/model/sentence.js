/**
 * Events as readable words. A sentence is a list of parts, so that names and tickets can be shown as what they are:
 * a text, `{user}`, `{ticket, title}`, `{value}` or `{diff: {from, to}}`.
 */

import { whole } from "./time.js";

const FIELDS = {
  title: "title",
  description: "description",
  acceptance_criteria: "acceptance criteria",
  priority: "priority",
  assignee: "assignee",
  labels: "labels",
  due_date: "due date",
  not_before: "not before",
  needs: "needs",
  parent: "parent",
  blocked_by: "blockers",
  links: "links",
};
const LONG = new Set(["description", "acceptance_criteria"]);

/**
 * An event as a sentence: `[{user}, " moved ", {ticket, title}, " to ", {value}]`; null for events that mean nothing to people.
 * `title` gives the title of a ticket that the event does not name.
 * @param {any} event @param {(id: number) => string|undefined} [title]
 */
export const sentence = (event, title = () => undefined) => {
  const words = SENTENCES[event.event]?.(event.data);
  if (!words) return null;
  const parts = words.flat(Infinity).filter((part) => part !== "");
  return [
    { user: event.actor },
    " ",
    ...parts.map((part) => (part.ticket && !part.title ? { ...part, title: title(part.ticket) } : part)),
  ];
};

/** A sentence as plain text. */
export const plain = (parts) =>
  parts
    .map((part) =>
      typeof part === "string"
        ? part
        : (part.user ?? part.value ?? (part.diff ? "" : undefined) ?? `#${part.ticket} ${part.title ?? ""}`.trim()),
    )
    .join("");

const ticket = (data) => ({ ticket: data.id, title: data.title });
const value = (text) => ({ value: text });

const SENTENCES = {
  ticket_created: (data) => ["created ", ticket(data), " in ", value(data.current_column)],
  ticket_restored: (data) => ["restored ", ticket(data)],
  ticket_deleted: (data) => ["deleted ", ticket(data)],
  ticket_archived: (data) => ["archived ", ticket(data)],
  ticket_redacted: (data) => ["took a leaked text out of ", ticket(data)],
  ticket_file_attached: (data) => ["attached ", value(data.name), " to ", ticket(data)],
  ticket_file_removed: (data) => ["removed ", value(data.name), " from ", ticket(data)],
  ticket_moved: (data) =>
    data.from_column === data.to_column
      ? ["reordered ", ticket(data), " in ", value(data.to_column)]
      : ["moved ", ticket(data), " from ", value(data.from_column), " to ", value(data.to_column)],
  ticket_claimed: (data) => ["claimed ", ticket(data)],
  ticket_released: (data) =>
    ({
      done: ["finished ", ticket(data)],
      lease_expired: ["ended the claim on ", ticket(data), ": its lease ran out"],
      forced: ["took ", ticket(data), " from its holder"],
    })[data.reason] ?? ["released ", ticket(data), data.note ? `: ${data.note}` : ""],
  ticket_unblocked: (data) => ["unblocked ", ticket(data)],
  ticket_updated: (data) => {
    const changes = Object.entries(data.changes ?? {});
    const [[field, { from, to }]] = changes;
    if (changes.length > 1) return ["changed ", ticket(data), ": ", list(changes.map(edit))];
    if (field === "assignee" && to) return ["assigned ", ticket(data), " to ", { user: to }];
    if (field === "title") return ["renamed ", ticket({ ...data, title: from }), " to ", value(to)];
    return ["changed ", ticket(data), ": ", edit(changes[0])];
  },
  comment_added: (data) => ["commented on ", { ticket: data.ticket_id }],
  question_withdrawn: (data) => ["withdrew a question on ", { ticket: data.ticket_id }],
  comment_updated: (data) => ["edited a comment on ", { ticket: data.ticket_id }],
  comment_deleted: (data) => ["deleted a comment on ", { ticket: data.ticket_id }],
  board_created: (data) => ["created the board ", value(data.name)],
  board_updated: (data) =>
    data.renamed
      ? ["renamed the column ", value(data.renamed.from), " to ", value(data.renamed.to)]
      : ["changed the board: ", list(boardChanges(data.changes ?? {}))],
  board_deleted: () => ["deleted the board"],
  board_repaired: (data) => [data.repaired?.lost === 1 ? "found an event missing here" : "repaired the board"],
};

const edit = ([field, { from, to }]) => {
  const name = FIELDS[field] ?? field.replaceAll("_", " ");
  if (field === "labels") return labels(from ?? [], to ?? []);
  if (LONG.has(field)) return [name, { diff: { from, to } }];
  if (field === "links") return links(from ?? [], to ?? []);
  if (field === "blocked_by") return to?.length ? ["waits for ", tickets(to)] : ["waits for nothing"];
  if (field === "needs") return to?.length ? ["needs ", value(to.join(", "))] : ["needs nothing special"];
  if (field === "not_before") return to ? ["parked until ", value(whole(to))] : ["no longer parked"];
  if (to === null || to === undefined || to === "") return [`no ${name}`];
  if (field === "assignee") return ["assigned to ", { user: to }];
  if (field === "parent") return ["part of ", { ticket: to }];
  return [`${name} to `, value(written(to))];
};

/** A structured value in words. */
const written = (data) => {
  if (data === null || typeof data !== "object") return String(data);
  if (Array.isArray(data)) return data.map(written).join(", ") || "nothing";
  const { name, ref, holder } = data;
  if (name ?? ref ?? holder) return String(name ?? ref ?? holder);
  const pairs = Object.entries(data).map(([key, one]) => `${key.replaceAll("_", " ")} ${written(one)}`);
  return pairs.join(", ") || "nothing";
};

const boardChanges = (changes) =>
  Object.entries(changes).flatMap(([field, { from, to }]) => {
    if (field === "columns") return columnOrder(from ?? [], to ?? []);
    if (field === "column_settings") return columnSettings(from ?? [], to ?? [], "columns" in changes);
    return [edit([field, { from, to }])];
  });

const columnOrder = (from, to) => {
  const added = to.filter((name) => !from.includes(name)).map((name) => ["column ", value(name), " added"]);
  const removed = from.filter((name) => !to.includes(name)).map((name) => ["column ", value(name), " removed"]);
  return added.length || removed.length ? [...added, ...removed] : [["the order of the columns"]];
};

const columnSettings = (from, to, namesChanged) => {
  const words = to.flatMap(({ id, name, role, limit }) => {
    const before = from.find((column) => column.id === id);
    if (!before) return [];
    const limited =
      limit === null ? ["no limit of ", value(name)] : ["limit of ", value(name), " to ", value(String(limit))];
    return [
      ...(before.limit === limit ? [] : [limited]),
      ...(before.role === role ? [] : [["meaning of ", value(name), " to ", value(role)]]),
    ];
  });
  return words.length || namesChanged ? words : [["columns"]];
};

const links = (from, to) => {
  const refs = (list) => list.map(({ ref }) => ref);
  const added = refs(to).filter((ref) => !refs(from).includes(ref));
  const removed = refs(from).filter((ref) => !refs(to).includes(ref));
  return list([
    ...added.map((ref) => ["link ", value(ref), " added"]),
    ...removed.map((ref) => ["link ", value(ref), " removed"]),
  ]);
};

const labels = (from, to) => {
  const added = to.filter((label) => !from.includes(label)).map((label) => ["label ", value(label), " added"]);
  const removed = from.filter((label) => !to.includes(label)).map((label) => ["label ", value(label), " removed"]);
  return list([...added, ...removed]);
};

const tickets = (ids) => list((ids ?? []).map((id) => [{ ticket: id }]));

/** `a, b and c`. */
const list = (items) =>
  items.flatMap((item, index) => [index === 0 ? "" : index === items.length - 1 ? " and " : ", ", item]);
