/** Adding tickets to a board, and telling what became of them. */

import { announce } from "../lib/announce.js";
import { post } from "../lib/api.js";
import { toast } from "../controls/toast.js";
import { overridable } from "../live/moves.js";

/** The longest title that the server takes. */
const LONGEST_TITLE = 200;

export class TicketCreation {
  #page;

  /** @param page has `live()`, `reveal(id)`, `passes(ticket)`, `filtering()` and `clearFilter()`. */
  constructor(page) {
    this.#page = page;
  }

  /**
   * Add a ticket. A refusal is shown with its reason; `insisted` is called if the user adds the ticket anyway.
   * @returns {Promise<boolean>} whether it worked.
   */
  async create(title, column, insisted, { force = false, live = this.#page.live() } = {}) {
    try {
      const ticket = await post("/api/tickets", { ...fitted(title), board_id: live.id, current_column: column, force });
      announce(`Added #${ticket.id} to ${column}`);
      if (title.length > ticket.title.length) tellCut(ticket.id);
      if (live === this.#page.live()) this.#showSoon(ticket);
      return true;
    } catch (error) {
      const insist = async () => (await this.create(title, column, insisted, { force: true, live })) && insisted();
      const action = overridable(error) ? { name: "Add anyway", run: insist } : undefined;
      toast(`Not added: ${error.message}`, { kind: "bad", stays: 12_000, action });
      return false;
    }
  }

  #showSoon({ id }) {
    const live = this.#page.live();
    const look = () => {
      const ticket = live.board.tickets.get(id);
      if (!ticket) return;
      live.removeEventListener("change", look);
      if (!this.#page.filtering() || this.#page.passes(ticket)) return this.#page.reveal(id);
      const action = { name: "Show all", run: () => this.#page.clearFilter() };
      toast(`Added #${id}. The filter hides it.`, { action });
    };
    live.addEventListener("change", look);
    look();
  }
}

/** The title as the server takes it; one that is too long is kept whole in the description. */
const fitted = (title) => {
  const letters = [...title];
  if (letters.length <= LONGEST_TITLE) return { title };
  return { title: `${letters.slice(0, LONGEST_TITLE - 1).join("")}…`, description: title };
};

const tellCut = (id) =>
  toast(`The title of #${id} was cut to ${LONGEST_TITLE} characters. The whole text is its description.`, {
    stays: 12_000,
  });
