/** What is shown over a board without tickets: how to begin. */

import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { inviteAgent } from "../team/invites.js";

class EmptyBoard extends HTMLElement {
  /** @param {{board: () => number, add: () => void}} page */
  begin({ board, add }) {
    const button = (title, onclick, more = "") =>
      el("button", { class: `button ${more}`, type: "button", onclick }, title);
    const shell = el("code", {}, "kanban import jsonl FILE");
    fill(
      this,
      el(
        "div",
        { class: "empty empty-board" },
        el("h2", {}, "Nothing is to be done yet"),
        el("p", {}, "Add a ticket, or let an agent add some."),
        el(
          "div",
          { class: "row" },
          button("Add a ticket", add, "primary"),
          button("Invite your agent", () => inviteAgent(board())),
        ),
        el(
          "p",
          { class: "muted" },
          "Import from a shell: ",
          shell,
          ", and from ",
          el("a", { href: href("/docs"), target: "_blank" }, "any program"),
          ".",
        ),
      ),
    );
    this.hidden = true;
    return this;
  }
}

customElements.define("empty-board", EmptyBoard);
