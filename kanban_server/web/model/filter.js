/** Which tickets are shown, and how. Both are kept in the address, so that a view can be shared. */

const FLAGS = ["ready", "blocked", "held"];
const LISTS = ["assignee", "label", "priority"];
/** How the tickets are shown: as a board, or as a list that is sorted and grouped. */
const LAYOUT = { view: "", sort: "", group: "" };

/** A filter that shows all. */
export const ALL = {
  ...{ search: "", assignee: [], label: [], priority: [], ready: false, blocked: false, held: false },
  ...LAYOUT,
};

/** The filter in a query: `search=x&assignee=ada&label=api&ready=1&view=list`. `assignee=` is nobody. */
export const read = (query) => {
  const parameters = new URLSearchParams(query);
  const filter = { ...ALL, search: parameters.get("search") ?? "" };
  for (const name of LISTS) filter[name] = [...new Set(parameters.getAll(name))];
  for (const name of FLAGS) filter[name] = parameters.has(name);
  for (const name of Object.keys(LAYOUT)) filter[name] = parameters.get(name) ?? "";
  return filter;
};

/** The query of a filter; empty where it shows all as a board. */
export const write = (filter) => {
  const query = new URLSearchParams();
  if (filter.search) query.set("search", filter.search);
  for (const name of LISTS) for (const value of filter[name]) query.append(name, value);
  for (const name of FLAGS) if (filter[name]) query.set(name, "1");
  for (const name of Object.keys(LAYOUT)) if (filter[name]) query.set(name, filter[name]);
  return query.toString();
};

/** The same layout, with nothing filtered away. */
export const cleared = ({ view, sort, group }) => ({ ...ALL, view, sort, group });

/** Whether a filter shows all. */
export const showsAll = (filter) =>
  !filter.search.trim() && !LISTS.some((name) => filter[name].length) && !FLAGS.some((name) => filter[name]);

/**
 * A test for tickets. `facts` answers what follows from other tickets; `matches` are the ids of tickets that the server
 * found by texts that are not here.
 *
 * @returns {(ticket: any) => boolean}
 */
export const matcher = (filter, facts, matches = new Set()) => {
  const words = folded(filter.search).split(/\s+/).filter(Boolean);
  return (ticket) =>
    (!filter.assignee.length || filter.assignee.includes(ticket.assignee ?? "")) &&
    filter.label.every((label) => ticket.labels?.includes(label)) &&
    (!filter.priority.length || filter.priority.includes(ticket.priority)) &&
    (!filter.held || Boolean(ticket.claim)) &&
    (!filter.blocked || facts.blockers(ticket).length > 0) &&
    (!filter.ready || facts.ready(ticket)) &&
    (!words.length || matches.has(ticket.id) || contains(ticket, words));
};

/** Case and accents aside. */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const contains = (ticket, words) => {
  const text = folded(
    [`#${ticket.id}`, ticket.title, ticket.assignee, ticket.claim?.holder, ...(ticket.labels ?? [])].join("\n"),
  );
  return words.every((word) => text.includes(word));
};
