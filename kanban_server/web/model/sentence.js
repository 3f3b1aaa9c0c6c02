/**
 * Events as readable words. A sentence is a list of parts, so that names and tickets can be shown as what they are:
 * a text, `{user}`, `{ticket, title}` or `{value}`.
 */

const FIELDS = {
  title: "title",
  description: "description",
  acceptance_criteria: "acceptance criteria",
  priority: "priority",
  assignee: "assignee",
  labels: "labels",
  due_date: "due date",
  parent: "parent",
  blocked_by: "blockers",
  links: "links",
};
const LONG = new Set(["description", "acceptance_criteria"]);

/**
 * What an event tells: `[{user}, " moved ", {ticket, title}, " to ", {value}]`; null for what tells people nothing.
 * `title` gives the title of a ticket that the event does not name.
 * @param {any} event @param {(id: number) => string|undefined} [title]
 */
export const sentence = (event, title = () => undefined) => {
  const told = TOLD[event.event]?.(event.data);
  if (!told) return null;
  const parts = told.flat(Infinity).filter((part) => part !== "");
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
      typeof part === "string" ? part : (part.user ?? part.value ?? `#${part.ticket} ${part.title ?? ""}`.trim()),
    )
    .join("");

const ticket = (data) => ({ ticket: data.id, title: data.title });
const value = (text) => ({ value: text });

const TOLD = {
  ticket_created: (data) => ["created ", ticket(data), " in ", value(data.current_column)],
  ticket_restored: (data) => ["restored ", ticket(data)],
  ticket_deleted: (data) => ["deleted ", ticket(data)],
  ticket_archived: (data) => ["archived ", ticket(data)],
  ticket_redacted: (data) => ["took a leaked text out of ", ticket(data)],
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
  comment_updated: (data) => ["edited a comment on ", { ticket: data.ticket_id }],
  comment_deleted: (data) => ["deleted a comment on ", { ticket: data.ticket_id }],
  board_created: (data) => ["created the board ", value(data.name)],
  board_updated: (data) =>
    data.renamed
      ? ["renamed the column ", value(data.renamed.from), " to ", value(data.renamed.to)]
      : ["changed the board’s ", list(Object.keys(data.changes ?? {}).map((field) => [field.replaceAll("_", " ")]))],
  board_deleted: () => ["deleted the board"],
  board_repaired: (data) => [data.repaired?.lost === 1 ? "found an event missing here" : "repaired the board"],
};

const edit = ([field, { from, to }]) => {
  const name = FIELDS[field] ?? field.replaceAll("_", " ");
  if (field === "labels") return labels(from ?? [], to ?? []);
  if (LONG.has(field) || field === "links") return [name];
  if (field === "blocked_by") return to?.length ? ["waits for ", tickets(to)] : ["waits for nothing"];
  if (to === null || to === "") return [`no ${name}`];
  if (field === "assignee") return ["assigned to ", { user: to }];
  if (field === "parent") return ["part of ", { ticket: to }];
  return [`${name} to `, value(String(to))];
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
