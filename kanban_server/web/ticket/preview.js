/** How a text that is being written will look. */

import { el, fill } from "../lib/el.js";
import { markdown } from "./markdown.js";

/** @param {HTMLTextAreaElement} input @param {number} board where `#12` leads */
export const previewOf = (input, board) => {
  const element = el("div", { class: "preview", hidden: true, role: "region", "aria-label": "Preview" });
  const button = el("button", { class: "button plain small", type: "button", "aria-pressed": "false" }, "Preview");
  const show = (on) => {
    element.hidden = !on;
    input.hidden = on;
    button.setAttribute("aria-pressed", String(on));
    if (on)
      fill(element, input.value.trim() ? markdown(input.value, { board }) : el("p", { class: "muted" }, "Nothing"));
    else input.focus();
  };
  button.addEventListener("click", () => show(element.hidden));
  return { element, button, close: () => element.hidden || show(false) };
};
