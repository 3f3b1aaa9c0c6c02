/** The dialog in which one says by which name one acts. */

import { avatar } from "../lib/avatar.js";
import { el, fill } from "../lib/el.js";
import { rename, userName } from "../lib/user.js";
import { LONGEST, tidy, wrongWith } from "../model/names.js";

/** Ask for another name, with a view of how it will read. */
export const askName = () => {
  const input = el("input", { class: "input", value: userName(), autocomplete: "nickname", spellcheck: "false", "aria-describedby": "name-wrong" });
  const wrong = el("p", { class: "wrong", id: "name-wrong", role: "alert" });
  const preview = el("div", { class: "name-preview", "aria-label": "How your actions will read", role: "group" });
  const save = el("button", { class: "button primary", type: "submit" }, "Save");
  const show = () => {
    const reason = wrongWith(input.value);
    wrong.textContent = reason ?? "";
    save.disabled = reason !== null;
    input.setAttribute("aria-invalid", reason !== null);
    fill(preview, sample(tidy(input.value) || "…"));
  };
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-labelledby": "name-title" },
    el(
      "form",
      {},
      el("h2", { id: "name-title" }, "Your name"),
      el("label", { class: "field" }, el("span", {}, `1 to ${LONGEST} characters`), input),
      wrong,
      preview,
      el("div", { class: "row end" }, el("button", { class: "button plain", type: "button", onclick: () => dialog.close() }, "Cancel"), save),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    if (wrongWith(input.value) !== null) return;
    rename(input.value);
    dialog.close();
  });
  input.addEventListener("input", show);
  show();
  document.body.append(dialog);
  dialog.showModal();
  input.select();
};

const sample = (name) => [
  el("p", {}, avatar(name, { hidden: true }), el("span", {}, el("strong", {}, name), " moved ", el("b", {}, "#12 Fix the login"), " to ", el("b", {}, "Done"))),
  el("p", {}, avatar(name, { hidden: true }), el("span", {}, el("strong", {}, name), " commented: ", el("q", {}, "It works now."))),
];
