/**
 * A field with a list of suggestions: the first one is taken on Enter. People, labels and tickets are named in it.
 * https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */

import { el, fill } from "../lib/el.js";
import { isComposing } from "../lib/typing.js";

const MOST = 12;
let count = 0;

/**
 * @typedef {{value: string, title?: string, note?: string, node?: Node}} Suggestion
 * @param {{label: string, value?: string, placeholder?: string, maxlength?: number, class?: string, free?: boolean,
 *   suggest: (text: string) => Suggestion[]|Promise<Suggestion[]>, take: (value: string, input: HTMLInputElement) => void}} options
 *   `suggest` gives what fits a text, the best first. `free`: any text can be taken, not only a suggestion.
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export const combobox = ({
  label,
  value = "",
  placeholder = "",
  maxlength,
  class: more = "",
  free = false,
  suggest,
  take,
}) => {
  const id = `combobox-${++count}`;
  const input = el("input", {
    class: `input ${more}`,
    value,
    placeholder,
    maxlength,
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
  });
  const list = el("ul", {
    class: "menu combobox-list",
    id,
    role: "listbox",
    "aria-label": "Suggestions",
    popover: "manual",
  });
  const element = el("span", { class: "combobox" }, input, list);
  let shown = [];
  let at = -1;
  let requests = 0;

  const mark = (index) => {
    at = index;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    requests++;
    shown = [];
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (list.matches(":popover-open")) list.hidePopover();
  };
  const open = async () => {
    const request = ++requests;
    const options = (await suggest(input.value)).slice(0, MOST);
    if (request !== requests || document.activeElement !== input) return;
    shown = options;
    fill(
      list,
      options.map((one, index) => optionItem(`${id}-${index}`, one, () => pick(one.value))),
    );
    if (!options.length) return close();
    input.setAttribute("aria-expanded", "true");
    if (!list.matches(":popover-open")) list.showPopover();
    place(list, input);
    const exact = options.findIndex((one) => one.value === input.value.trim());
    mark(
      !input.value.trim()
        ? -1
        : free && exact < 0 && !options[0].value.toLowerCase().startsWith(input.value.trim().toLowerCase())
          ? -1
          : Math.max(0, exact),
    );
  };
  const pick = (value) => {
    close();
    if (value === input.defaultValue && value) return void (input.value = value);
    input.value = input.defaultValue = value; // taken: it is being written no longer
    take(value, input);
  };
  const takeWritten = () => {
    const text = input.value.trim();
    if (text === input.defaultValue.trim()) return close();
    if (free) return pick(text);
    const exact = shown.find((one) => one.value === text);
    if (exact) pick(exact.value);
  };
  input.addEventListener("input", open);
  input.addEventListener("click", open);
  input.addEventListener("blur", () => {
    if (free) takeWritten();
    close();
  });
  input.addEventListener("keydown", async (event) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!shown.length) await open();
      if (shown.length) mark((at + step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!shown.length && input.value.trim() && !free) await open();
      if (at >= 0) pick(shown[at].value);
      else takeWritten();
    } else if (event.key === "Escape" && shown.length) {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  });
  return { element, input };
};

/**
 * An entry of a list of suggestions.
 * @param {string} id
 * @param {{value?: string, title?: string, note?: string, node?: Node|null}} option
 * @param {() => void} pick is called when it is chosen
 */
export const optionItem = (id, { value = "", title = value, note = "", node = null }, pick) =>
  el(
    "li",
    {
      id,
      role: "option",
      class: "picker-option",
      "aria-selected": "false",
      onpointerdown: (event) => {
        event.preventDefault(); // the field keeps the focus
        pick();
      },
    },
    node,
    el("span", { class: "picker-title", dir: "auto" }, title),
    note && el("span", { class: "muted picker-note" }, note),
  );

/** Under the field, or above it where there is no room. */
export const place = (list, field) => {
  const box = field.getBoundingClientRect();
  const below = box.bottom + 4 + list.offsetHeight < innerHeight;
  list.style.setProperty("--left", `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`);
  list.style.setProperty("--top", `${below ? box.bottom + 4 : Math.max(8, box.top - list.offsetHeight - 4)}px`);
};
