/** All boards: how many tickets stand where, and who is there. */

import "../bar/connection-state.js";
import { arrange, el, fill } from "../lib/el.js";
import { setTitle } from "../lib/title.js";
import { icon } from "../controls/icons.js";
import { go } from "../lib/navigation.js";
import { actionButton, emptyState } from "../lib/page-parts.js";
import { loggedIn, session } from "../lib/session.js";
import { isStarred } from "../lib/stars.js";
import { watchUser } from "../lib/user.js";
import { AllBoards } from "../live/all-boards.js";
import { boardPath } from "../model/route.js";
import { newBoard } from "./board-dialog.js";
import { BoardTile } from "./board-tile.js";
import { makeSampleBoard } from "./sample-board.js";

class BoardsPage extends HTMLElement {
  #live = new AllBoards();
  #tiles = new Map();
  #list = el("ul", { class: "tiles" });
  #none = el("div", { hidden: true });
  #failed = el("p", { class: "wrong", role: "alert" });
  #connection = el("connection-state");
  #unwatch = null;

  tools = [this.#connection];

  connectedCallback() {
    const create = () => newBoard((board) => go(boardPath(board.id)));
    fill(this.#none, noBoards(create));
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
    const sorted = boards.toSorted((one, other) => Number(isStarred(other.id)) - Number(isStarred(one.id)));
    const tiles = sorted.map((board) => {
      const tile = this.#tiles.get(board.id) ?? this.#add(board.id);
      tile.show(board, people.get(board.id) ?? []);
      return tile.element;
    });
    arrange(this.#list, tiles);
  }

  #add(id) {
    const tile = new BoardTile(() => this.#show());
    this.#tiles.set(id, tile);
    return tile;
  }
}

/** How to begin. A user who may not create boards sees whom to ask. */
const noBoards = (create) => {
  const { user } = session();
  if (user?.role === "viewer" || user?.kind === "agent")
    return emptyState(
      "You are on no board yet",
      "Ask whoever invited you, or an admin of a board, to make you a member.",
    );
  const first = el("button", { class: "button primary", type: "button", onclick: create }, "Make a board");
  const sample = actionButton("Look at a sample board", async () => go(boardPath((await makeSampleBoard()).id)));
  const text = loggedIn()
    ? "Boards of others appear here once somebody makes you a member: ask whoever invited you. Or make one of your own."
    : "A board is where people and agents see what is to be done, and who does it.";
  return emptyState(loggedIn() ? "You are on no board yet" : "There are no boards", text, first, sample);
};

customElements.define("boards-page", BoardsPage);
