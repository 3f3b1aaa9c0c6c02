/** Short notes at the foot of the page, with what can be done about them. */

import { el } from "./el.js";
import { icon } from "./icons.js";

const STAYS = 7_000;
const host = el("div", { class: "toasts", role: "region", "aria-label": "Notes", "aria-live": "polite" });

/**
 * Show a note. It goes by itself, unless somebody looks at it.
 *
 * @param {string|Node[]} text
 * @param {{kind?: "plain"|"bad"|"good", action?: {name: string, run: () => void}, stays?: number}} [options]
 */
export const toast = (text, { kind = "plain", action, stays = STAYS } = {}) => {
  if (!host.isConnected) document.body.append(host);
  const note = el("div", { class: `toast ${kind}` }, el("p", {}, text));
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
  host.append(note);
  let timer = setTimeout(close, stays);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => (timer = setTimeout(close, stays)));
  return close;
};
