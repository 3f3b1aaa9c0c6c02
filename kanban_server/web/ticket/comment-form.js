/** Writing a comment, new or again. What is written is kept until it is sent. */

import { draft, dropDraft, keepDraft } from "../lib/drafts.js";
import { el } from "../lib/el.js";

/**
 * @param {{name: string, text?: string, label: string, button: string, send: (text: string) => Promise<boolean>, cancel?: () => void}} options
 *   `name` is that of the draft; `send` says whether it worked.
 */
export const commentForm = ({ name, text = "", label, button, send, cancel }) => {
  const input = el("textarea", {
    class: "input",
    rows: 3,
    placeholder: label,
    "aria-label": label,
    "data-keeps-escape": true,
  });
  input.value = draft(name)?.text ?? text;
  const submit = async (event) => {
    event?.preventDefault();
    const said = input.value;
    if (!said.trim() || input.readOnly) return;
    input.readOnly = true;
    const sent = await send(said);
    input.readOnly = false;
    if (!sent) return;
    dropDraft(name);
    input.value = "";
  };
  const leave = () => {
    dropDraft(name);
    cancel();
  };
  input.addEventListener("input", () =>
    input.value === text ? dropDraft(name) : keepDraft(name, { text: input.value }),
  );
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    else if (event.key === "Escape") {
      event.stopPropagation();
      if (cancel && input.value === text) leave();
      else input.blur();
    }
  });
  return el(
    "form",
    { class: "comment-form", onsubmit: submit },
    input,
    el(
      "div",
      { class: "row" },
      el("button", { class: "button primary small", type: "submit" }, button),
      cancel && el("button", { class: "button plain small", type: "button", onclick: leave }, "Cancel"),
      el("span", { class: "muted hint" }, "Markdown; @name mentions; Ctrl Enter sends"),
    ),
  );
};
