/** A question in a dialog: yes or no, or with a text. */

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
    const input = el("textarea", { class: "input", rows: 3, "aria-labelledby": "ask-text" });
    const form = el(
      "form",
      {},
      el("h2", { id: "ask-title" }, title),
      el("p", { class: "muted", id: "ask-text" }, text),
      field && input,
      el(
        "div",
        { class: "row end" },
        el("button", { class: "button plain", type: "button", onclick: () => dialog.close() }, "Cancel"),
        el("button", { class: `button ${danger ? "danger" : "primary"}`, type: "submit", autofocus: !field }, button),
      ),
    );
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "ask-title" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = input.value;
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
