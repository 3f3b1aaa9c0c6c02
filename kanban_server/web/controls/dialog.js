/** A dialog with a form in it. */

import { el } from "../lib/el.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * Open a dialog. What is written into it is not lost by a click beside it.
 *
 * @param {string} title @param {Node[]} content
 * @param {{does: string, danger?: boolean, submit: () => Promise<boolean>, class?: string}} options `does` names the
 *   button; `submit` says whether the dialog has done its work. While it runs, the button waits.
 * @returns {{element: HTMLDialogElement, wrong: (text: string|null) => void}}
 */
export const openDialog = (title, content, { does, danger = false, submit, class: more = "" }) => {
  const id = `dialog-${++count}`;
  const close = () => element.close();
  const note = el("p", { class: "wrong", role: "alert" });
  const button = el("button", { class: `button ${danger ? "danger" : "primary"}`, type: "submit" }, does);
  const form = el(
    "form",
    { novalidate: true },
    content,
    note,
    el(
      "div",
      { class: "row end" },
      el("button", { class: "button plain", type: "button", onclick: close }, "Cancel"),
      button,
    ),
  );
  const element = el(
    "dialog",
    { class: `dialog ${more}`, "aria-labelledby": id },
    el(
      "header",
      { class: "dialog-head" },
      el("h2", { id }, title),
      el(
        "button",
        { class: "button plain square", type: "button", "aria-label": "Close", onclick: close },
        icon("close"),
      ),
    ),
    form,
  );
  const wrong = (text) => {
    note.textContent = text ?? "";
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    wrong(null);
    try {
      if (await submit()) close();
    } catch (error) {
      wrong(error.message);
    }
    button.disabled = false;
  });
  element.addEventListener("close", () => element.remove());
  document.body.append(element);
  element.showModal();
  (form.querySelector("[autofocus]") ?? form.querySelector("input, textarea, select") ?? button).focus();
  return { element, wrong };
};
