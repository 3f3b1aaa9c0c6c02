/** All boards: how many tickets stand where, and who is there. */

import "../bar/connection-state.js";
import { el, fill } from "../lib/el.js";
import { setTitle } from "../lib/title.js";
import { icon } from "../lib/icons.js";
import { go } from "../lib/navigation.js";
import { watchUser } from "../lib/user.js";
import { AllBoards } from "../live/all-boards.js";
import { boardPath } from "../model/route.js";
import { newBoard } from "./board-dialog.js";
import { BoardTile } from "./board-tile.js";

class BoardsPage extends HTMLElement {
  #live = new AllBoards();
  #tiles = new Map();
  #list = el("ul", { class: "tiles" });
  #none = el(
    "div",
    { class: "empty", hidden: true },
    el("h2", {}, "There are no boards"),
    el("p", {}, "A board is where people and agents see what is to be done, and who does it."),
  );
  #failed = el("p", { class: "wrong", role: "alert" });
  #connection = el("connection-state");
  #unwatch = null;

  tools = [this.#connection];

  connectedCallback() {
    const create = () => newBoard((board) => go(boardPath(board.id)));
    const add = el("button", { class: "button primary", type: "button", onclick: create }, icon("add"), "New board");
    fill(
      this,
      el(
        "div",
        { class: "sheet" },
        el("header", { class: "sheet-head" }, el("h1", {}, "Boards"), add),
        this.#failed,
        this.#none,
        this.#list,
      ),
    );
    this.#connection.watch(this.#live);
    this.#unwatch = watchUser(() => this.#live.renew());
    this.#live.addEventListener("change", () => this.#show());
    this.#live.start();
  }

  disconnectedCallback() {
    this.#live.stop();
    this.#unwatch();
  }

  show() {
    setTitle("Boards");
  }

  #show() {
    const { boards, people, error } = this.#live;
    this.#failed.textContent = error ? `The boards can’t be read just now: ${error.message}` : "";
    if (!boards) return;
    this.#none.hidden = boards.length > 0;
    const known = new Set(boards.map((board) => board.id));
    for (const [id, tile] of this.#tiles) {
      if (known.has(id)) continue;
      tile.element.remove();
      this.#tiles.delete(id);
    }
    for (const board of boards) {
      const tile = this.#tiles.get(board.id) ?? this.#add(board.id);
      tile.show(board, people.get(board.id) ?? []);
    }
  }

  #add(id) {
    const tile = new BoardTile();
    this.#tiles.set(id, tile);
    this.#list.append(tile.element);
    return tile;
  }
}

customElements.define("boards-page", BoardsPage);
