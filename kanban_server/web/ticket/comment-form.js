/** Writing a comment, or changing one. What is written is kept until it is sent. */

import { completeIn } from "../controls/completion.js";
import { draft, dropDraft, keepDraft } from "../lib/drafts.js";
import { el } from "../lib/el.js";
import { isComposing } from "../lib/typing.js";
import { fileInputOfText } from "./file-input.js";
import { previewOf } from "./preview.js";

/**
 * @param {{name: string, text?: string, label: string, button: string, send: (text: string) => Promise<boolean>,
 *   cancel?: () => void, complete: any, board: number, ticket: number}} options
 *   `name` is that of the draft; `send` says whether it worked; `complete`: see `completeIn`.
 */
export const commentForm = ({ name, text = "", label, button, send, cancel, complete, board, ticket }) => {
  const input = el("textarea", {
    class: "input",
    rows: 2,
    placeholder: label,
    "aria-label": label,
    "data-keeps-escape": true,
    dir: "auto",
  });
  input.value = draft(name)?.text ?? text;
  const preview = previewOf(input, board);
  const files = fileInputOfText(input, () => ticket);
  const submit = async (event) => {
    event?.preventDefault();
    const written = input.value;
    if (!written.trim() || input.readOnly) return;
    input.readOnly = true;
    preview.close();
    const sent = await send(written);
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
  const list = completeIn(input, complete);
  input.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
    else if (event.key === "Escape") {
      event.stopPropagation();
      if (cancel && input.value === text) leave();
      else input.blur();
    }
  });
  // Once used it stays as high as it is: what is clicked next must not move away
  const use = ({ currentTarget }) => currentTarget.classList.add("used");
  return el(
    "form",
    { class: "comment-form", onsubmit: submit, onfocusin: use },
    input,
    list,
    preview.element,
    files.list,
    el(
      "div",
      { class: "row" },
      el("button", { class: "button primary small", type: "submit" }, button),
      preview.button,
      files.button,
      cancel && el("button", { class: "button plain small", type: "button", onclick: leave }, "Cancel"),
      el("span", { class: "muted hint" }, "Markdown, @name, #12; Ctrl Enter sends"),
    ),
  );
};
