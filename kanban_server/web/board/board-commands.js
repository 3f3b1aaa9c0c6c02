/** What can be done on a board by key, from the command palette, and from the bar's menu. */

import { boardSettings } from "../boards/board-dialog.js";
import { el } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { menuItem } from "../controls/menu.js";
import { go, href } from "../lib/navigation.js";
import { undoLast } from "../lib/undo.js";
import { agentsPath, archivePath, figuresPath, teamPath } from "../model/route.js";
import { helpSheet } from "../bar/help-sheet.js";

export class BoardCommands {
  #page;

  /**
   * @param page has `board()` (its id), `targets()` (ids of tickets), `pickers()`, `actions()`, `add()`, `search()`,
   *   `toggleActivity()`, `openNext(step)`, `comment()`, `escape()`, `isList()` and `switchView()`.
   */
  constructor(page) {
    this.#page = page;
  }

  /** The function of each key; see `Keys`. */
  get keys() {
    const page = this.#page;
    const pick = (name) => () => page.targets().length && page.pickers()[name](page.targets());
    return {
      "/": page.search,
      n: page.add,
      c: page.add,
      a: pick("assign"),
      t: pick("label"),
      p: pick("priority"),
      m: pick("move"),
      w: () => page.targets().length === 1 && page.actions().toggleClaim(page.targets()[0]),
      r: page.comment,
      "[": () => page.openNext(-1),
      "]": () => page.openNext(1),
      "g a": page.toggleActivity,
      "g s": () => go(figuresPath(page.board())),
      "Ctrl z": undoLast,
      Escape: page.escape,
    };
  }

  /** The options of the command palette. */
  get options() {
    const page = this.#page;
    const targets = page.targets();
    const named = targets.length === 1 ? `#${targets[0]}` : `${targets.length} tickets`;
    const pick = (title, name, keys) => ({
      title: `${title} ${named}`,
      keys,
      pick: () => page.pickers()[name](targets),
    });
    const changes = [
      pick("Assign", "assign", "a"),
      pick("Label", "label", "t"),
      pick("Set the priority of", "priority", "p"),
      pick("Move", "move", "m"),
    ];
    return [
      ...(targets.length ? changes : []),
      { title: "Add a ticket", keys: "n", pick: page.add },
      { title: page.isList() ? "Show as a board" : "Show as a list", pick: page.switchView },
      { title: "Undo the last change", keys: "Ctrl Z", pick: undoLast },
      { title: "Activity of this board", keys: "g a", pick: page.toggleActivity },
      ...this.#pages.map(([, title, path]) => ({ title, pick: () => go(path) })),
      { title: "Board settings", pick: () => boardSettings(page.board()) },
      { title: "Keyboard shortcuts", keys: "?", pick: helpSheet },
    ];
  }

  /** The entries of the bar's menu. */
  menu(close) {
    return [
      ...this.#pages.map(([glyph, title, path]) =>
        el("a", { class: "menu-item", href: href(path), onclick: close }, icon(glyph), title),
      ),
      el("hr"),
      menuItem("settings", "Board settings", () => boardSettings(this.#page.board()), close),
      menuItem("help", "Keyboard shortcuts", helpSheet, close, "?"),
    ];
  }

  get #pages() {
    const board = this.#page.board();
    return [
      ["figures", "Figures", figuresPath(board)],
      ["person", "Agents and questions", agentsPath(board)],
      ["team", "Team and webhooks", teamPath(board)],
      ["archive", "Archive and trash", archivePath(board)],
    ];
  }
}
