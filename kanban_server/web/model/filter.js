/** Which tickets are shown. A filter is kept in the address, so that a view can be shared. */

const FLAGS = ["ready", "blocked", "held"];
const LISTS = ["assignee", "label", "priority"];

/** A filter that shows all. */
export const ALL = { search: "", assignee: [], label: [], priority: [], ready: false, blocked: false, held: false };

/** The filter in a query: `search=x&assignee=ada&label=api&ready=1`. `assignee=` is nobody. */
export const read = (query) => {
  const asked = new URLSearchParams(query);
  const filter = { ...ALL, search: asked.get("search") ?? "" };
  for (const name of LISTS) filter[name] = [...new Set(asked.getAll(name))];
  for (const name of FLAGS) filter[name] = asked.has(name);
  return filter;
};

/** The query of a filter; nothing where it shows all. */
export const write = (filter) => {
  const query = new URLSearchParams();
  if (filter.search) query.set("search", filter.search);
  for (const name of LISTS) for (const value of filter[name]) query.append(name, value);
  for (const name of FLAGS) if (filter[name]) query.set(name, "1");
  return query.toString();
};

/** Whether a filter shows all. */
export const showsAll = (filter) =>
  !filter.search.trim() && !LISTS.some((name) => filter[name].length) && !FLAGS.some((name) => filter[name]);

/**
 * A test for tickets. `facts` answers what follows from other tickets; `found` are the ids of tickets that the server
 * found by texts that are not here.
 *
 * @returns {(ticket: object) => boolean}
 */
export const matcher = (filter, facts, found = new Set()) => {
  const words = folded(filter.search).split(/\s+/).filter(Boolean);
  return (ticket) =>
    (!filter.assignee.length || filter.assignee.includes(ticket.assignee ?? "")) &&
    filter.label.every((label) => ticket.labels?.includes(label)) &&
    (!filter.priority.length || filter.priority.includes(ticket.priority)) &&
    (!filter.held || Boolean(ticket.claim)) &&
    (!filter.blocked || facts.blockers(ticket).length > 0) &&
    (!filter.ready || facts.ready(ticket)) &&
    (!words.length || found.has(ticket.id) || says(ticket, words));
};

/** Case and accents aside. */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const says = (ticket, words) => {
  const text = folded(
    [`#${ticket.id}`, ticket.title, ticket.assignee, ticket.claim?.holder, ...(ticket.labels ?? [])].join("\n"),
  );
  return words.every((word) => text.includes(word));
};
