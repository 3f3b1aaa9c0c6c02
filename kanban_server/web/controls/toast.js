/** Short notes at the foot of the page, with what can be done about them. */

import { el } from "../lib/el.js";
import { icon } from "./icons.js";

const STAYS = 7_000;
const host = el("div", { class: "toasts", role: "region", "aria-label": "Notes", "aria-live": "polite" });
/** The note of each key. */
const keyed = new Map();

/**
 * Show a note. It goes by itself, unless somebody looks at it.
 *
 * @param {string|(Node|string)[]} text
 * @param {{kind?: "plain"|"bad"|"good", action?: {name: string, run: () => void}, stays?: number, key?: string}} [options]
 *   `key`: a note with the same one is replaced, and how long this one stays is shown.
 * @returns {() => void} closes it
 */
export const toast = (text, { kind = "plain", action, stays = STAYS, key } = {}) => {
  if (!host.isConnected) document.body.append(host);
  const note = el("div", { class: `toast ${kind}` }, el("p", { dir: "auto" }, text));
  const close = () => note.remove();
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    note.append(el("button", { class: "button plain", type: "button", onclick: act }, action.name));
  }
  note.append(
    el(
      "button",
      { class: "button plain square", type: "button", "aria-label": "Close", onclick: close },
      icon("close"),
    ),
  );
  if (key) {
    keyed.get(key)?.remove();
    keyed.set(key, note);
    note.append(el("span", { class: "toast-time", style: { "--stays": `${stays}ms` }, "aria-hidden": "true" }));
  }
  host.append(note);
  let timer = setTimeout(close, stays);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => (timer = setTimeout(close, stays)));
  return close;
};
