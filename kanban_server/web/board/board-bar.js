/** What the bar shows of a board: its name and a star on the left, what can be done on the right. */

import { el } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { menu } from "../controls/menu.js";
import { isStarred, toggleStar } from "../lib/stars.js";

/**
 * @param {{name: HTMLElement, search: Node, people: Node, connection: Node, board: () => number,
 *   toggleActivity: () => void, menuItems: (close: () => void) => Node[]}} parts
 */
export const boardBar = ({ name, search, people, connection, board, toggleActivity, menuItems }) => {
  const star = el("button", { class: "button plain square star", type: "button" }, icon("star"));
  const showStar = () => {
    const on = isStarred(board());
    star.setAttribute("aria-pressed", String(on));
    star.setAttribute("aria-label", on ? "Take the star away" : "Star this board");
    star.title = on ? "Starred: among the first of all boards" : "Star this board";
  };
  star.addEventListener("click", () => {
    toggleStar(board());
    showStar();
  });
  const more = el("button", { class: "button plain square", type: "button", "aria-label": "More" }, icon("more"));
  const attributes = {
    class: "button plain square",
    type: "button",
    "aria-label": "Activity",
    title: "Activity (g a)",
  };
  const activity = el("button", { ...attributes, onclick: toggleActivity }, icon("activity"));
  return {
    showStar,
    crumbs: [el("span", { class: "slash", "aria-hidden": "true" }, "/"), name, star],
    tools: [search, people, connection, activity, more, menu(more, menuItems, { end: true, label: "More" })],
  };
};
