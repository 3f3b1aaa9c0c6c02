/** A field in which one names another ticket of the board, by number or by words of its title. */

import { el, fill } from "../lib/el.js";
import { folded } from "../model/filter.js";

const OFFERED = 12;
let count = 0;

/** @param {() => Iterable<object>} tickets @param {(id: number) => void} pick */
export const pickTicket = (label, tickets, pick) => {
  const id = `pick-${++count}`;
  const list = el("datalist", { id });
  const input = el("input", { class: "input small", list: id, placeholder: label, "aria-label": label, autocomplete: "off" });
  const take = () => {
    const number = /^#?(\d{1,15})\b/.exec(input.value.trim());
    if (!number) return;
    input.value = "";
    pick(Number(number[1]));
  };
  input.addEventListener("input", (event) => {
    if (event.inputType === "insertReplacementText" || event.inputType === undefined) return take(); // chosen from the list
    const wanted = folded(input.value);
    const found = [];
    for (const ticket of tickets()) {
      if (found.length === OFFERED) break;
      if (folded(`#${ticket.id} ${ticket.title}`).includes(wanted)) found.push(ticket);
    }
    fill(list, found.map((ticket) => el("option", { value: `#${ticket.id} ${ticket.title}` })));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  return el("span", { class: "pick" }, input, list);
};
