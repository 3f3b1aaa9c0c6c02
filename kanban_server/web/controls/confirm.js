/** A dialog that asks yes or no, or for a text. */

import { openDialog } from "./dialog.js";
import { el } from "../lib/el.js";

/**
 * The user's answer: the text (empty without a field), or null where they cancel.
 *
 * @param {{title: string, text: string, button: string, field?: boolean, danger?: boolean}} question
 * @returns {Promise<string|null>}
 */
export const confirm = ({ title, text, button, field = false, danger = false }) =>
  new Promise((resolve) => {
    let answer = null;
    const input = el("textarea", { class: "input", rows: 3 });
    const content = field
      ? el("label", { class: "field" }, el("span", {}, text), input)
      : el("p", { class: "muted" }, text);
    const submit = async () => {
      answer = input.value;
      return true;
    };
    const { element } = openDialog(title, [content], { does: button, danger, submit });
    element.addEventListener("close", () => resolve(answer));
  });
