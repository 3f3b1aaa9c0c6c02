/** Completing `@name` and `#12` in a text, from a list under the field. */

import { optionItem, place } from "./combobox.js";
import { el, fill } from "../lib/el.js";
import { isComposing } from "../lib/typing.js";

const MOST = 8;
const WORD = /(?:^|[\s(])([@#])([^\s@#]{0,40})$/u;
let count = 0;

/**
 * @typedef {{insert: string, title: string, note?: string, node?: Node}} Completion
 * @param {HTMLTextAreaElement} field
 * @param {(sign: "@"|"#", text: string) => Completion[]|Promise<Completion[]>} complete gives what fits, the best first
 * @returns {HTMLElement} the list, which goes beside the field
 */
export const completeIn = (field, complete) => {
  const id = `completion-${++count}`;
  const list = el("ul", {
    class: "menu combobox-list",
    id,
    role: "listbox",
    "aria-label": "Suggestions",
    popover: "manual",
  });
  field.setAttribute("aria-controls", id);
  let shown = [];
  let at = 0;
  let requests = 0;

  const close = () => {
    requests++;
    shown = [];
    field.removeAttribute("aria-activedescendant");
    if (list.matches(":popover-open")) list.hidePopover();
  };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    field.setAttribute("aria-activedescendant", `${id}-${at}`);
  };
  const look = async () => {
    const match = WORD.exec(field.value.slice(0, field.selectionStart));
    if (!match) return close();
    const request = ++requests;
    const options = (await complete(/** @type {"@"|"#"} */ (match[1]), match[2])).slice(0, MOST);
    if (request !== requests || document.activeElement !== field) return;
    if (!options.length) return close();
    shown = options;
    fill(
      list,
      options.map((one, index) => optionItem(`${id}-${index}`, one, () => take(index))),
    );
    if (!list.matches(":popover-open")) list.showPopover();
    place(list, field);
    mark(0);
  };
  const take = (index) => {
    const end = field.selectionStart;
    const start = end - WORD.exec(field.value.slice(0, end))[2].length - 1;
    field.setRangeText(`${shown[index].insert} `, start, end, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  field.addEventListener("input", look);
  field.addEventListener("blur", close);
  field.addEventListener(
    "keydown",
    (event) => {
      if (!shown.length || isComposing(event) || event.ctrlKey || event.metaKey) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) mark((at + step + shown.length) % shown.length);
      else if (event.key === "Enter" || event.key === "Tab") take(at);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
  return list;
};
