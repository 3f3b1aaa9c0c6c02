/** What has left a board: archived and deleted tickets, each with a way back. */

import { get, post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { actionButton, boardCrumbs, emptyState, section, sheet, table } from "../lib/page-parts.js";
import { setTitle } from "../lib/title.js";
import { boardPath } from "../model/route.js";
import { ago, whole } from "../model/time.js";
import { DeletedTickets } from "./deleted-tickets.js";

const PAGE = 50;

class ArchivePage extends HTMLElement {
  #board = null;
  #crumbs = boardCrumbs("Archive and trash");
  #archived = el("div");
  #deleted = el("div");
  #page = 1;
  #trash = null;

  crumbs = this.#crumbs.nodes;

  async show({ board }) {
    if (board === this.#board) return;
    this.#board = board;
    this.#page = 1;
    setTitle("Archive and trash");
    const days = { title: "Archive what has been done for two weeks", run: () => this.#archive(14) };
    fill(
      this,
      sheet(
        "Archive and trash",
        actionButton(days.title, days.run),
        section("Archived", "Done and put away. The figures still count them.", this.#archived),
        section("Trash", "Deleted tickets. Restored, they come back to their column.", this.#deleted),
      ),
    );
    try {
      const { name } = await get(`/api/boards/${board}`);
      this.#crumbs.show(board, name);
      this.#trash = new DeletedTickets(board);
      await Promise.all([this.#loadArchived(), this.#loadDeleted()]);
    } catch (error) {
      fill(
        this,
        emptyState(
          "The archive can't be read",
          error.message,
          el("a", { class: "button", href: href("/") }, "All boards"),
        ),
      );
    }
  }

  async #archive(days) {
    await post(`/api/boards/${this.#board}/archive`, { days });
    await this.#loadArchived();
  }

  async #loadArchived() {
    const query = { board_id: this.#board, archived: true, page: this.#page, page_size: PAGE };
    const { items, total, has_next: next } = await get("/api/tickets", { query });
    const rows = items.map(({ id, title, current_column: column, archived_at: at }) => [
      this.#link(id, title),
      column,
      el("time", { datetime: at, title: whole(at) }, ago(at)),
      this.#restoreButton(id, () => this.#loadArchived()),
    ]);
    const step = (by) => () => {
      this.#page += by;
      return this.#loadArchived();
    };
    fill(
      this.#archived,
      total ? table(["Ticket", "Column", "Archived", ""], rows) : el("p", { class: "muted" }, "Nothing is archived."),
      el(
        "div",
        { class: "row" },
        this.#page > 1 && actionButton("Newer", step(-1)),
        next && actionButton("Older", step(1)),
      ),
    );
  }

  async #loadDeleted() {
    const tickets = await this.#trash.load();
    const rows = tickets.map(({ id, title, by, at }) => [
      this.#link(id, title),
      `by ${by}`,
      el("time", { datetime: at, title: whole(at) }, ago(at)),
      this.#restoreButton(id, () => {
        this.#trash.forget(id);
        return this.#loadDeleted();
      }),
    ]);
    fill(
      this.#deleted,
      rows.length ? table(["Ticket", "Deleted", "When", ""], rows) : el("p", { class: "muted" }, "The trash is empty."),
      this.#trash.more && actionButton("Look further back", () => this.#loadDeleted()),
    );
  }

  #link(id, title) {
    return el("a", { href: href(boardPath(this.#board, id)), dir: "auto" }, `#${id} ${title}`);
  }

  #restoreButton(id, reload) {
    const button = actionButton(
      "Restore",
      async () => {
        await post(`/api/tickets/${id}/restore`);
        await reload();
      },
      "small",
    );
    button.setAttribute("aria-label", `Restore #${id}`);
    return button;
  }
}

customElements.define("archive-page", ArchivePage);
