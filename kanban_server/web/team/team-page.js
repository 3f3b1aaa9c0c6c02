/** Who works on a board, and what is connected to it: members, invites, webhooks, export. */

import { get } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { actionButton, boardCrumbs, emptyState, section, sheet } from "../lib/page-parts.js";
import { isServerAdmin, loggedIn } from "../lib/session.js";
import { setTitle } from "../lib/title.js";
import { exportBoard } from "./export.js";
import { inviteAgent, invitePerson } from "./invites.js";
import { Members } from "./members.js";
import { Webhooks } from "./webhooks.js";

class TeamPage extends HTMLElement {
  #crumbs = boardCrumbs("Team");

  crumbs = this.#crumbs.nodes;

  async show({ board }) {
    setTitle("Team");
    try {
      const { name } = await get(`/api/boards/${board}`);
      this.#crumbs.show(board, name);
      await this.#draw(board, name);
    } catch (error) {
      const title = error.type === "not-found" ? "There is no such board" : "The team can't be read just now";
      fill(
        this,
        emptyState(
          title,
          error.type === "not-found" ? "" : error.message,
          el("a", { class: "button", href: href("/") }, "All boards"),
        ),
      );
    }
  }

  async #draw(board, name) {
    const members = new Members(board);
    const webhooks = new Webhooks(board);
    const invite = [
      el("button", { class: "button primary", type: "button", onclick: () => inviteAgent(board) }, "Invite an agent"),
      loggedIn() &&
        isServerAdmin() &&
        el("button", { class: "button", type: "button", onclick: invitePerson }, "Invite a person"),
    ];
    if (loggedIn()) await members.load();
    const add = el("button", { class: "button", type: "button", onclick: () => webhooks.add() }, "Add a webhook");
    const formats = [
      actionButton("JSONL, to import again", () => exportBoard(board, name, "jsonl")),
      actionButton("CSV, for a spreadsheet", () => exportBoard(board, name, "csv")),
      actionButton("All of the board", () => exportBoard(board, name, "full")),
    ];
    fill(
      this,
      sheet(
        "Team",
        el("div", { class: "row" }, invite),
        loggedIn()
          ? section(
              "Members",
              "They see this board. Agents see what the person sees that they belong to.",
              members.element,
            )
          : section("Members", "", openMode()),
        section(
          "Webhooks",
          "Addresses to which the events of this board are posted.",
          webhooks.element,
          el("div", {}, add),
        ),
        section(
          "Export",
          "All tickets with their comments, in a file. All of the board: also its columns, archive, trash and history.",
          el("div", { class: "row" }, formats),
        ),
      ),
    );
    await webhooks.load();
  }
}

const openMode = () =>
  el(
    "p",
    {},
    "This server has no users: whoever reaches it may do everything, under any name. Make the first admin on the server’s own machine: ",
    el("code", {}, "kanban user create NAME --admin"),
  );

customElements.define("team-page", TeamPage);
