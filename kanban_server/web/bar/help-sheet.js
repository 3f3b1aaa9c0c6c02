/** The sheet of keyboard shortcuts. */

import { el } from "../lib/el.js";
import { icon } from "../controls/icons.js";

const SHORTCUTS = [
  [
    "Find",
    [
      ["Ctrl K", "Commands, tickets and boards"],
      ["/", "Search"],
      ["Esc", "Clear the search; close the ticket"],
    ],
  ],
  [
    "Go",
    [
      ["↑ ↓ ← →", "From card to card (or h j k l)"],
      ["Home End", "To the ends of a column"],
      ["Enter", "Open the ticket"],
      ["[ ]", "The previous and the next ticket"],
      ["g then b i m s a", "To boards, inbox, my work, statistics, activity"],
    ],
  ],
  [
    "Move",
    [
      ["Space", "Lift a card; arrows carry it; Space drops it"],
      ["Shift ← →", "Into the next column"],
      ["Shift ↑ ↓", "Up and down in its column"],
      ["Esc", "Leave a lifted card where it was"],
    ],
  ],
  [
    "Change the focused, open or selected tickets",
    [
      ["a", "Assign"],
      ["t", "Label (tag)"],
      ["p", "Priority"],
      ["m", "Move"],
      ["w", "Claim to work on it, or release"],
      ["r", "Comment"],
      ["x", "Select; Shift click selects all between"],
      ["Ctrl Z", "Undo"],
    ],
  ],
  [
    "Add",
    [
      ["n or c", "Add a ticket to the column"],
      ["?", "This list"],
    ],
  ],
];

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
