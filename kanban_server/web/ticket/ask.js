/** A question: yes or no, or with a text. */

import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/el.js";

/**
 * What the user answers: the text (empty without a field), or null where they leave it.
 *
 * @param {{title: string, text: string, button: string, field?: boolean, danger?: boolean}} question
 * @returns {Promise<string|null>}
 */
export const ask = ({ title, text, button, field = false, danger = false }) =>
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
