/** The sheet of keyboard shortcuts. */

import { el } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { SHORTCUTS } from "./keys.js";

export const helpSheet = () => {
  const group = ([title, keys]) =>
    el(
      "section",
      {},
      el("h3", {}, title),
      el(
        "dl",
        { class: "keys" },
        keys.map(([key, does]) => [
          el(
            "dt",
            {},
            key.split(" ").map((one) => (one === "or" ? " or " : el("kbd", {}, one))),
          ),
          el("dd", {}, does),
        ]),
      ),
    );
  const close = el(
    "button",
    { class: "button plain square", type: "button", "aria-label": "Close", onclick: () => sheet.close() },
    icon("close"),
  );
  const sheet = el(
    "dialog",
    { class: "dialog help", "aria-labelledby": "help-title" },
    el("header", { class: "dialog-head" }, el("h2", { id: "help-title" }, "Keyboard shortcuts"), close),
    el("div", { class: "help-groups" }, SHORTCUTS.map(group)),
  );
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  document.body.append(sheet);
  sheet.showModal();
};
