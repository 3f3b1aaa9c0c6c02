/** Tickets in the order and in the groups of a list. */

const WORDS = ["critical", "high", "medium", "low"];

/** A priority as numbers that are compared one after another: words are 0 to 3, a dotted number is its parts. */
const ranks = (priority) => (WORDS.includes(priority) ? [WORDS.indexOf(priority)] : priority.split(".").map(Number));

const compareRanks = (one, other) => {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = (one[at] ?? -1) - (other[at] ?? -1);
    if (difference) return difference;
  }
  return 0;
};

/** The tickets sorted by `field` or `field-down`; without one as they stand on the board. Empty values come last. */
export const sortTickets = (tickets, sort, columns) => {
  const [field, order] = sort.split("-");
  const direction = order === "down" ? -1 : 1;
  const byPlace = (a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.id - b.id);
  const byColumn = (a, b) => columns.indexOf(a.current_column) - columns.indexOf(b.current_column) || byPlace(a, b);
  const compare = {
    "": byColumn,
    current_column: (a, b) => direction * byColumn(a, b),
    priority: (a, b) => direction * compareRanks(ranks(a.priority), ranks(b.priority)) || byColumn(a, b),
  }[field];
  return [...tickets].sort(compare ?? ((a, b) => compareValues(a[field], b[field], direction) || byColumn(a, b)));
};

const compareValues = (one, other, direction) => {
  if (one === other) return 0;
  if (one === null || one === undefined || one === "") return 1;
  if (other === null || other === undefined || other === "") return -1;
  if (typeof one === "number") return direction * (one - other);
  return direction * one.localeCompare(other);
};

/** The tickets in groups by a field: `[{name, tickets}]`; one group without a name where there is no field. */
export const groupTickets = (tickets, field, columns) => {
  if (!field) return [{ name: null, tickets }];
  const groups = new Map(field === "current_column" ? columns.map((name) => [name, []]) : []);
  const put = (name, ticket) => groups.set(name, [...(groups.get(name) ?? []), ticket]);
  for (const ticket of tickets) {
    if (field !== "label") put(ticket[field] ?? "Nobody", ticket);
    else if (ticket.labels?.length) for (const label of ticket.labels) put(label, ticket);
    else put("No label", ticket);
  }
  const named = [...groups].filter(([, list]) => list.length).map(([name, list]) => ({ name, tickets: list }));
  return field === "priority" ? named.sort((a, b) => compareRanks(ranks(a.name), ranks(b.name))) : named;
};
