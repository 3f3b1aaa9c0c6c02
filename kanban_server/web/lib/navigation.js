/** Going from page to page without loading anything anew. */

import { address, here, within } from "./base.js";
import { closest } from "./el.js";

export { here };

const listeners = new Set();

/** What to put into an `href`. */
export const href = (path) => address(path).pathname + address(path).search;

/** Go to a path of the server; `replace` leaves no way back to the present one. */
export const go = (path, { replace = false } = {}) => {
  if (path === here()) return;
  history[replace ? "replaceState" : "pushState"](null, "", href(path));
  listeners.forEach((listener) => listener());
};

/** Hear of every change of the address: by `go`, by a link, by the browser's back and forward. */
export const watchAddress = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

addEventListener("popstate", () => listeners.forEach((listener) => listener()));

document.addEventListener("click", (event) => {
  const link = closest(event, "a[href]");
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (!within(url) || url.hash || /\/(api|docs|web|mcp)(\/|$)/.test(url.pathname)) return;
  event.preventDefault();
  const path = url.href.slice(address("/").href.length);
  go(`/${path}`);
});
