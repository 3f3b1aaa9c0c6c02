/** The dialog in which one says by which name one acts. */

import { avatar } from "../controls/avatar.js";
import { openDialog } from "../controls/dialog.js";
import { el, fill } from "../lib/el.js";
import { rename, userName } from "../lib/user.js";
import { LONGEST, tidy, wrongWith } from "../model/names.js";

/** Ask for another name, with a view of how it will read. */
export const askName = () => {
  const input = el("input", { class: "input", value: userName(), autocomplete: "nickname", spellcheck: "false" });
  const preview = el("div", { class: "name-preview", "aria-label": "How your actions will read", role: "group" });
  const field = el("label", { class: "field" }, el("span", {}, `1 to ${LONGEST} characters`), input);
  const submit = async () => {
    if (wrongWith(input.value) !== null) return check();
    rename(input.value);
    return true;
  };
  const { wrong } = openDialog("Your name", [field, preview], { does: "Save", submit });
  const check = () => {
    const reason = wrongWith(input.value);
    wrong(reason);
    input.setAttribute("aria-invalid", reason !== null);
    fill(preview, sample(tidy(input.value) || "…"));
    return reason === null;
  };
  input.addEventListener("input", check);
  check();
  input.select();
};

const sample = (name) => [
  el(
    "p",
    {},
    avatar(name, { hidden: true }),
    el("span", {}, el("strong", {}, name), " moved ", el("b", {}, "#12 Fix the login"), " to ", el("b", {}, "Done")),
  ),
  el(
    "p",
    {},
    avatar(name, { hidden: true }),
    el("span", {}, el("strong", {}, name), " commented: ", el("q", {}, "It works now.")),
  ),
];
