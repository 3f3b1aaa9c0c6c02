/** A field in which one names another ticket of the board, by number or by words of its title. */

import { el, fill } from "../lib/el.js";
import { folded } from "../model/filter.js";

const OFFERED = 12;
let count = 0;

/** @param {() => Iterable<object>} tickets @param {(id: number) => void} pick */
export const pickTicket = (label, tickets, pick) => {
  const id = `pick-${++count}`;
  const list = el("datalist", { id });
  const input = el("input", {
    class: "input small",
    list: id,
    placeholder: label,
    "aria-label": label,
    autocomplete: "off",
  });
  const take = () => {
    const id = named(input.value.trim(), tickets());
    if (id === null) return;
    input.value = "";
    pick(id);
  };
  input.addEventListener("input", (event) => {
    if (event.inputType === "insertReplacementText" || event.inputType === undefined) return take(); // chosen from the list
    const wanted = folded(input.value);
    const found = [];
    for (const ticket of tickets()) {
      if (found.length === OFFERED) break;
      if (folded(full(ticket)).includes(wanted)) found.push(ticket);
    }
    fill(
      list,
      found.map((ticket) => el("option", { value: full(ticket) })),
    );
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  return el("span", { class: "pick" }, input, list);
};

const full = ({ id, title }) => `#${id} ${title}`;

/** The id that a text names: a number alone, or all that is offered for a ticket, whose title may begin with one. */
const named = (text, tickets) => {
  const number = /^#?(\d{1,15})$/.exec(text);
  if (number) return Number(number[1]);
  for (const ticket of tickets) if (full(ticket) === text) return ticket.id;
  return null;
};
