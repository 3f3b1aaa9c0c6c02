/** The history of a ticket in one list: its changes, its comments, and who worked on it. */

import { sentence } from "./sentence.js";

/** A change's id is its event's number times this, and its place in the event. */
const FIELDS = 100;

/**
 * Entries from the oldest on: `{key, at, actor, parts}` (see `sentence.js`), or `{key, at, comment}`. Moves within a
 * column are left out.
 */
export const ticketHistory = ({ history, comments, attempts }) => {
  const claims = new Set(attempts.map((attempt) => attempt.claimed_at));
  // A claim assigns, which is no news beside it
  const isClaim = ({ changes: [first, ...more] }) =>
    !more.length && first.field_name === "assignee" && claims.has(first.changed_at);
  return [
    ...events(history)
      .filter((event) => !isClaim(event))
      .flatMap(changeEntry),
    ...attempts.flatMap(attemptEntries),
    ...comments.map((comment) => ({ key: `c${comment.id}`, at: comment.created_at, comment })),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
};

/** Changes of one event together again. */
const events = (history) => {
  const groups = new Map();
  for (const change of history.toReversed()) {
    const seq = Math.floor(change.id / FIELDS);
    if (!groups.has(seq)) groups.set(seq, []);
    groups.get(seq).push(change);
  }
  return [...groups].map(([seq, changes]) => ({ seq, changes }));
};

const changeEntry = ({ seq, changes }) => {
  const [{ field_name: field, old_value: from, new_value: to, changed_by: actor, changed_at: at }] = changes;
  if (field === "place" || field === "claim") return []; // of claims, the attempts tell
  const entry = (event, data) => [
    { key: `e${seq}`, at, actor, parts: here(sentence({ event, actor, data: { id: 0, ...data } })) },
  ];
  if (field === "created") return [{ key: `e${seq}`, at, actor, parts: [{ user: actor }, " created this"] }];
  if (field === "imported") return [{ key: `e${seq}`, at, actor, parts: [{ user: actor }, " imported this"] }];
  if (field === "trimmed") return [{ key: `e${seq}`, at, actor, parts: ["Older changes are no longer kept"] }];
  if (field === "redacted") return entry("ticket_redacted", {});
  if (field === "archived") return entry(to ? "ticket_archived" : "ticket_restored", {});
  if (field === "deleted") return entry(to ? "ticket_deleted" : "ticket_restored", {});
  if (field === "current_column") return entry("ticket_moved", { from_column: from, to_column: to });
  if (field === "file") return entry(to ? "ticket_file_attached" : "ticket_file_removed", { name: to ?? from });
  const named = Object.fromEntries(changes.map((one) => [one.field_name, { from: one.old_value, to: one.new_value }]));
  return entry("ticket_updated", { changes: named });
};

const attemptEntries = ({ number, holder, claimed_at: from, ended_at: to, reason, note }) => {
  const begun = { key: `a${number}`, at: from, actor: holder, parts: [{ user: holder }, " claimed this"] };
  if (!to) return [begun];
  const how = {
    done: "finished",
    lease_expired: "ran out of time",
    forced: "was relieved of this",
    released: "released this",
  };
  const parts = [{ user: holder }, ` ${how[reason] ?? reason}`, note ? `: ${note}` : ""].filter((part) => part !== "");
  return [begun, { key: `r${number}`, at: to, actor: holder, parts }];
};

/** The ticket itself is "this". */
const here = (parts) => parts.map((part) => (part.ticket === 0 ? "this" : part));
