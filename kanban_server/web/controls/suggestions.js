/** What is suggested for a board: its people, labels and tickets. */

import { folded } from "../model/filter.js";
import { avatar } from "./avatar.js";
import { labelTag } from "./label-tag.js";
import { peopleOf } from "../lib/people.js";

/** @param live a board; see `LiveBoard` @param {string} text what is written */
export const suggestPeople = async (live, text) => {
  const people = await peopleOf(live.id, live.board.tickets.values());
  return ranked(people, text, ({ name }) => name).map(({ name, stranger }) => ({
    value: name,
    note: stranger ? "not a member" : "",
    node: avatar(name, { hidden: true }),
  }));
};

/** The labels of the board that a ticket does not have. */
export const suggestLabels = (live, text, present = []) => {
  const names = new Set([...live.board.tickets.values()].flatMap(({ labels }) => labels ?? []));
  for (const name of present) names.delete(name);
  return ranked([...names].sort(), text, (name) => name).map((name) => ({
    value: name,
    title: "",
    node: labelTag(name),
  }));
};

/** The tickets of the board, by number or by words of their titles. */
export const suggestTickets = (live, text, without = null) => {
  const number = /^#?(\d{1,15})$/.exec(text.trim())?.[1];
  const tickets = [...live.board.tickets.values()].filter(({ id }) => id !== without);
  const named = tickets.filter(({ id }) => String(id) === number);
  const others = ranked(tickets, text, ({ id, title }) => `#${id} ${title}`).filter((one) => !named.includes(one));
  return [...named, ...others].map(({ id, title }) => ({ value: String(id), title: `#${id} ${title}` }));
};

/** Completions of `@` and `#` in a text; see `completeIn`. */
export const completionsOf = (live) => async (sign, text) => {
  if (sign === "#") return suggestTickets(live, text).map(({ value, title }) => ({ insert: `#${value}`, title }));
  const people = await suggestPeople(live, text);
  const mention = (name) => (/^[\p{L}\p{N}._/-]+$/u.test(name) ? `@${name}` : `@"${name}"`);
  return people.map(({ value, note, node }) => ({ insert: mention(value), title: value, note, node }));
};

/** What contains all words of a text, first what begins with it. */
const ranked = (items, text, textOf) => {
  const wanted = folded(text.trim());
  if (!wanted) return items;
  const words = wanted.split(/\s+/);
  const matching = items.filter((item) => words.every((word) => folded(textOf(item)).includes(word)));
  const begins = (item) => folded(textOf(item)).startsWith(wanted);
  return [...matching.filter(begins), ...matching.filter((item) => !begins(item))];
};
