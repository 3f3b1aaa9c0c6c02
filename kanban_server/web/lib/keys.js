/** Keys that work wherever the focus is, except in what is being written. */

import { isComposing } from "./typing.js";

/** Milliseconds between the two keys of a chord. */
const CHORD = 1_200;

export class Keys {
  /**
   * @param {AbortSignal} signal ends it.
   * @param actions has a function for each key: `{a: () => …, "g i": () => …, "Ctrl z": () => …}`.
   */
  constructor(signal, actions) {
    let first = { key: "", at: 0 };
    const press = (event) => {
      const { key } = event;
      if (event.defaultPrevented || event.altKey || isComposing(event)) return;
      if (document.querySelector("dialog[open], [popover]:popover-open")) return;
      const writing = event.target.closest("input, textarea, select, [contenteditable]");
      if (writing?.dataset.keepsEscape !== undefined || (writing && key !== "Escape")) return;
      const chord = first.key && performance.now() - first.at < CHORD ? `${first.key} ` : "";
      first = { key: key === "g" ? "g" : "", at: performance.now() };
      const name = event.ctrlKey || event.metaKey ? `Ctrl ${key}` : `${chord}${key}`;
      if (!actions[name]) return;
      event.preventDefault();
      first.key = "";
      actions[name]();
    };
    document.addEventListener("keydown", press, { signal });
  }
}
