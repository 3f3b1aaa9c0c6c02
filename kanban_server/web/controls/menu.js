/** A button with a list that opens under it. */

import { el, fill, focusedElement, FOCUSABLE } from "../lib/el.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * Let a button open a panel. `build` creates its contents each time it opens.
 *
 * @param {HTMLButtonElement} button @param {(close: () => void) => Node[]} build
 * @param {{class?: string, end?: boolean, label?: string}} [options] `end` lines it up with the button's right edge.
 * @returns {HTMLElement} the panel, which goes beside the button.
 */
export const menu = (button, build, { class: more = "", end = false, label } = {}) => {
  const id = `menu-${++count}`;
  const panel = el("div", {
    class: `menu ${more}`,
    id,
    popover: "auto",
    "aria-label": label,
    role: label ? "group" : null,
  });
  const close = () => panel.hidePopover();
  button.setAttribute("popovertarget", id);
  button.setAttribute("aria-expanded", "false");
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") fill(panel, build(close));
  });
  panel.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(panel, button, end);
    (panel.querySelector("[autofocus]") ?? panel.querySelector(FOCUSABLE))?.focus();
  });
  panel.addEventListener("keydown", (event) => walk(panel, event));
  return panel;
};

/**
 * Open a menu at a place of the page, as a context menu does. It is removed once it closes, and the focus goes back.
 *
 * @param {{x: number, y: number, element: HTMLElement}} at @param {(close: () => void) => Node[]} build
 * @param {string} label
 */
export const menuAt = ({ x, y }, build, label) => {
  const before = focusedElement();
  const panel = el("div", { class: "menu", popover: "auto", "aria-label": label, role: "group" });
  const close = () => panel.hidePopover();
  fill(panel, build(close));
  document.body.append(panel);
  panel.addEventListener("keydown", (event) => walk(panel, event));
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    const within = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    if (within) before?.focus?.({ preventScroll: true });
  });
  panel.showPopover();
  const left = Math.max(MARGIN, Math.min(x, innerWidth - panel.offsetWidth - MARGIN));
  const top = Math.max(MARGIN, Math.min(y, innerHeight - panel.offsetHeight - MARGIN));
  panel.style.setProperty("--left", `${left}px`);
  panel.style.setProperty("--top", `${top}px`);
  /** @type {HTMLElement} */ (panel.querySelector(FOCUSABLE))?.focus();
};

/** An entry of a menu: closes it, then does something. */
export const menuItem = (glyph, title, run, close, keys = "") =>
  el(
    "button",
    {
      class: "menu-item",
      type: "button",
      onclick: () => {
        close();
        run();
      },
    },
    icon(glyph),
    el("span", { class: "grow" }, title),
    keys && el("kbd", { "aria-hidden": "true" }, keys),
  );

const MARGIN = 8;

const place = (panel, button, end) => {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width } = panel;
  const left = Math.min(end ? box.right - width : box.left, innerWidth - width - MARGIN);
  panel.style.setProperty("--left", `${Math.max(MARGIN, left)}px`);
  const lowest = innerHeight - panel.offsetHeight - MARGIN;
  panel.style.setProperty("--top", `${Math.max(MARGIN, Math.min(box.bottom + 4, lowest))}px`);
};

const walk = (panel, event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...panel.querySelectorAll(FOCUSABLE)];
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length]?.focus();
};
