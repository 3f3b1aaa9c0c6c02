/** One board among all. */

import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { menu } from "../controls/menu.js";
import { go, href } from "../lib/navigation.js";
import { visible } from "../model/invisible-characters.js";
import { isStarred, toggleStar } from "../lib/stars.js";
import { archivePath, boardPath, figuresPath, teamPath } from "../model/route.js";
import { boardSettings, deleteBoard } from "./board-dialog.js";

const PEOPLE_SHOWN = 5;

export class BoardTile {
  element = el("li", { class: "tile" });
  #board = null;
  #shown = "";
  #link = el("a", { class: "tile-link" });
  #description = el("p", { class: "tile-text" });
  #flow = el("div", { class: "tile-flow", "aria-hidden": "true" });
  #counts = el("dl", { class: "tile-counts" });
  #total = el("span", { class: "muted number" });
  #people = el("span", { class: "tile-people" });

  #star = el("span", { class: "star-mark", role: "img", "aria-label": "Starred" }, icon("star"));
  #onStar;

  /** @param {() => void} onStar is called when the user has starred the board, or no longer. */
  constructor(onStar) {
    this.#onStar = onStar;
    const more = el("button", { class: "button plain square tile-more", type: "button" }, icon("more"));
    this.more = more;
    const top = el(
      "header",
      { class: "tile-top" },
      el("h2", {}, this.#link),
      this.#star,
      more,
      menu(more, (close) => this.#items(close), { end: true, label: "What can be done with the board" }),
    );
    fill(
      this.element,
      top,
      this.#description,
      this.#flow,
      this.#counts,
      el("footer", { class: "tile-foot" }, this.#total, this.#people),
    );
  }

  /** Show a board, and the names of those who are on it. Nothing is built anew where nothing changed. */
  show(board, people) {
    this.#star.hidden = !isStarred(board.id);
    const key = JSON.stringify([board, people]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#board = board;
    this.#link.href = href(boardPath(board.id));
    this.#link.textContent = visible(board.name);
    this.more.setAttribute("aria-label", `More about ${visible(board.name)}`);
    this.#description.textContent = visible(board.description ?? "");
    this.#description.hidden = !board.description;
    const columns = board.column_settings.map((column) => ({ ...column, count: board.counts[column.name] ?? 0 }));
    fill(
      this.#flow,
      columns.map(
        ({ role, count }) =>
          count > 0 && el("span", { class: "tile-part", dataset: { role }, style: { "--share": count } }),
      ),
    );
    fill(this.#counts, columns.map(drawn));
    this.#total.textContent = board.ticket_count === 1 ? "1 ticket" : `${board.ticket_count} tickets`;
    const rest = people.length - PEOPLE_SHOWN;
    fill(
      this.#people,
      people.slice(0, PEOPLE_SHOWN).map((name) => avatar(name)),
      rest > 0 && el("span", { class: "avatar more" }, `+${rest}`),
    );
  }

  #items(close) {
    const board = this.#board;
    const does = (name, title, run) =>
      el("button", { class: "menu-item", type: "button", onclick: () => (close(), run()) }, icon(name), title);
    return [
      does("star", isStarred(board.id) ? "Take the star away" : "Star", () => {
        toggleStar(board.id);
        this.#onStar();
      }),
      does("figures", "Figures", () => go(figuresPath(board.id))),
      does("team", "Team and webhooks", () => go(teamPath(board.id))),
      does("archive", "Archive and trash", () => go(archivePath(board.id))),
      does("settings", "Settings", () => boardSettings(board.id)),
      el("hr"),
      does("trash", "Delete", () => deleteBoard(board)),
    ];
  }
}

const drawn = ({ name, role, count, limit }) =>
  el(
    "div",
    { class: "tile-count", dataset: { role, full: limit !== null && count >= limit } },
    el("dt", {}, el("span", { class: "role-dot" }), name),
    el("dd", { class: "number" }, limit === null ? count : `${count}/${limit}`),
  );
