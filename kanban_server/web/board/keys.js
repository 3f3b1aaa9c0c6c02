/** The keys of the board, wherever the focus is, except in what is being written. */

export const SHORTCUTS = [
  [
    "Find",
    [
      ["/", "Search"],
      ["Esc", "Clear the search; close the ticket"],
    ],
  ],
  [
    "Walk",
    [
      ["↑ ↓ ← →", "From card to card (or h j k l)"],
      ["Home End", "To the ends of a column"],
      ["Enter", "Open the ticket"],
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
    "Do",
    [
      ["n or c", "Add a ticket to the column"],
      ["a", "Activity"],
      ["?", "These keys"],
    ],
  ],
];

export class Keys {
  /** @param {AbortSignal} signal ends it. @param acts is a function for each thing to do. */
  constructor(signal, acts) {
    const keys = { "/": acts.search, n: acts.add, c: acts.add, "?": acts.help, a: acts.activity, Escape: acts.close };
    const press = (event) => {
      const { target, key } = event;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (document.querySelector("dialog[open], [popover]:popover-open")) return;
      const writing = target.closest("input, textarea, select, [contenteditable]");
      if (!keys[key] || (writing && key !== "Escape") || writing?.dataset.keepsEscape !== undefined) return;
      event.preventDefault();
      keys[key]();
    };
    document.addEventListener("keydown", press, { signal });
  }
}
