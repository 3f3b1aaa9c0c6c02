/**
 * A list in a dialog of which something is picked: with a field that narrows it down, by keys or by pointer. The
 * command palette, and the choice of people, labels, columns and tickets, are such lists.
 */

import { folded } from "../model/filter.js";
import { el, fill } from "../lib/el.js";
import { isComposing } from "../lib/typing.js";

const MOST = 60;
let count = 0;

/**
 * @typedef {{title: string, note?: string, keys?: string, node?: Node, chosen?: boolean, pick: () => void}} Option
 * @param {string} title
 * @param {(text: string) => Option[]} optionsFor gives the options for what is written, before they are narrowed down
 * @param {{placeholder?: string, stays?: boolean, narrow?: boolean}} [options]
 *   `stays`: several can be picked, one
 *   after another. `narrow`: false where `optionsFor` narrows them itself.
 * @returns {{refresh: () => void}} `refresh` shows options that have arrived meanwhile
 */
export const openPicker = (title, optionsFor, { placeholder = title, stays = false, narrow = true } = {}) => {
  const id = `picker-${++count}`;
  const input = el("input", {
    class: "input picker-input",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": id,
    "aria-autocomplete": "list",
    "aria-label": title,
    placeholder,
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
  });
  const list = el("ul", { id, role: "listbox", class: "picker-list", "aria-label": title });
  const none = el("p", { class: "muted picker-none", role: "status" });
  const dialog = el("dialog", { class: "dialog picker", "aria-label": title }, input, list, none);
  let shown = [];
  let at = 0;

  const mark = (index) => {
    at = Math.max(0, Math.min(shown.length - 1, index));
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    const item = list.children[at];
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    const matches = ({ title, note = "" }) => {
      const beginnings = folded(`${title} ${note}`).split(/[\s#/._-]+/);
      return words.every((word) => beginnings.some((one) => one.startsWith(word)) || folded(title).startsWith(word));
    };
    const all = optionsFor(input.value);
    shown = (narrow ? all.filter(matches) : all).slice(0, MOST);
    fill(
      list,
      shown.map((option, index) => row(`${id}-${index}`, option, () => pick(index))),
    );
    none.textContent = shown.length ? "" : "Nothing matches.";
    mark(Math.min(at, shown.length - 1));
  };
  const pick = (index) => {
    const option = shown[index];
    if (!option) return;
    if (!stays) dialog.close();
    option.pick();
    if (!stays) return;
    input.value = "";
    draw();
    input.focus();
  };
  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  dialog.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) mark(at + step);
    else if (event.key === "Enter") pick(at);
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  draw();
  input.focus();
  return { refresh: () => dialog.open && draw() };
};

const row = (id, { title, note = "", keys = "", node = null, chosen = false }, pick) =>
  el(
    "li",
    { id, role: "option", class: "picker-option", "aria-selected": "false", onclick: pick },
    node,
    el("span", { class: "picker-title", dir: "auto" }, title),
    note && el("span", { class: "muted picker-note", dir: "auto" }, note),
    chosen && el("span", { class: "picker-chosen", "aria-label": "chosen", role: "img" }, "✓"),
    keys && el("kbd", {}, keys),
  );
