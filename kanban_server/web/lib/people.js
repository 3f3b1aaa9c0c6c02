/** The people that can be named on a board: its members and their agents where the server has users, else who is seen. */

import { get } from "./api.js";
import { loggedIn, session } from "./session.js";
import { userName } from "./user.js";

/** Members by board; read again after a minute. */
const members = new Map();
const FRESH = 60_000;
let users = [];

/** The users of the server that one may see. */
export const setUsers = (list) => (users = list);

/** The display name of a user; null where they have none, or are not known. */
export const displayName = (name) =>
  users.find((user) => user.name === name)?.display_name ??
  (session().user?.name === name ? session().user.display_name : null) ??
  null;

/**
 * The names for a board, with whether each is a stranger there: `[{name, stranger}]`, the user's own first.
 *
 * @param {number} board @param {Iterable<object>} tickets those of the board
 */
export const peopleOf = async (board, tickets) => {
  const seen = new Set();
  for (const { assignee, claim, created_by: creator } of tickets)
    for (const name of [assignee, claim?.holder, creator]) if (name) seen.add(name);
  const known = loggedIn() ? await membersOf(board) : null;
  const names = [...new Set([userName(), ...(known ?? []), ...[...seen].sort()])];
  return names.map((name) => ({ name, stranger: isStranger(name, known) }));
};

/** Whether a name is nobody who sees the board; false where that is not known. */
export const isStranger = (name, known) => Boolean(known) && !known.has(name);

/** The names of a board's members and of their agents; null where the server has no users, or does not answer. */
export const membersOf = async (board) => {
  if (!loggedIn()) return null;
  const kept = members.get(board);
  if (kept && Date.now() - kept.at < FRESH) return kept.names;
  try {
    const list = await get(`/api/boards/${board}/members`);
    const names = new Set(list.map(({ name }) => name));
    for (const user of users) if (user.role === "admin" || names.has(user.owner)) names.add(user.name);
    members.set(board, { names, at: Date.now() });
    return names;
  } catch {
    return null;
  }
};
