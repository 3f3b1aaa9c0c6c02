/** What a card shows beyond its ticket: what follows from the other tickets of the board. */

import { criteria } from "../model/facts.js";

/** @returns `{ticket, blockers, criteria, children, query}`; see `Card` */
export const cardView = (ticket, { facts, counted }, query) => {
  const children = facts.children(ticket);
  return {
    ticket,
    blockers: facts.blockers(ticket).map((one) => one.id),
    criteria: countCriteria(ticket, counted),
    children: children.length ? { all: children.length, done: children.filter((one) => facts.done(one)).length } : null,
    query,
  };
};

/** How many criteria are done: from the text where it is here, else as the server counted. */
const countCriteria = (ticket, counted) => {
  if (ticket.acceptance_criteria === null || ticket.acceptance_criteria === undefined)
    return counted.get(ticket.id) ?? null;
  const lines = criteria(ticket.acceptance_criteria);
  return lines.length ? { done: lines.filter((line) => line.done).length, all: lines.length } : null;
};
