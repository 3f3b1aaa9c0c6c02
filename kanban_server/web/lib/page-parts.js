/** Parts that several pages are made of. */

import { el } from "./el.js";
import { href } from "./navigation.js";
import { boardPath } from "../model/route.js";
import { toast } from "../controls/toast.js";

/** A page that is read: a title, what can be done, and content. */
export const sheet = (title, actions, ...content) =>
  el("div", { class: "sheet" }, el("header", { class: "sheet-head" }, el("h1", {}, title), actions), content);

/** A part of such a page. */
export const section = (title, note, ...content) =>
  el("section", { class: "part" }, el("h2", {}, title), note && el("p", { class: "muted" }, note), content);

/** An empty state, with what can be done about it. */
export const emptyState = (title, text, ...actions) =>
  el(
    "div",
    { class: "empty" },
    el("h2", {}, title),
    text && el("p", {}, text),
    actions.length ? el("div", { class: "row" }, actions) : null,
  );

/** A table. `rows` are arrays of the cells' contents. */
export const table = (head, rows) =>
  el(
    "div",
    { class: "table-scroller", tabindex: "0", role: "region", "aria-label": head.filter(Boolean).join(", ") },
    el(
      "table",
      { class: "list-table" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((title) => el("th", { scope: "col" }, title)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((cells) =>
          el(
            "tr",
            {},
            cells.map((cell) => el("td", {}, cell)),
          ),
        ),
      ),
    ),
  );

/** A button that does something which may be refused. */
export const actionButton = (title, run, more = "") => {
  const button = el("button", { class: `button ${more}`, type: "button" }, title);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await attemptQuietly(run);
    button.disabled = false;
  });
  return button;
};

/** Run a change; where it is refused, say why. Whether it worked. */
export const attemptQuietly = async (run) => {
  try {
    await run();
    return true;
  } catch (error) {
    toast(error.message, { kind: "bad", stays: 12_000 });
    return false;
  }
};

/** A text that is shown once, with a button that copies it. */
export const secretBox = (label, text) => {
  const code = el("code", { class: "secret", dir: "ltr" }, text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // pages without encryption may not copy
    }
  };
  const button = el(
    "button",
    { class: "button small", type: "button", "aria-label": `Copy ${label}`, onclick: copy },
    "Copy",
  );
  return el("div", { class: "secret-box" }, el("span", { class: "label" }, label), code, button);
};

/** The crumbs of a page of a board: a link to it, and the name of the page. */
export const boardCrumbs = (name) => {
  const slash = () => el("span", { class: "slash", "aria-hidden": "true" }, "/");
  const link = el("a", { class: "board-name", dir: "auto" });
  return {
    nodes: [slash(), link, slash(), el("span", {}, name)],
    show: (id, text) => {
      link.href = href(boardPath(id));
      link.textContent = text;
    },
  };
};

/** A labelled field of a form. */
export const field = (title, control) => el("label", { class: "field" }, el("span", {}, title), control);

/** A field to choose from. @param {Record<string, string>} options values to titles */
export const selectField = (options, chosen, attributes = {}) =>
  el(
    "select",
    { class: "input", ...attributes },
    Object.entries(options).map(([value, title]) => el("option", { value, selected: value === chosen }, title)),
  );
