/** What the server finds on a board for a text: in descriptions, criteria and comments, which the page does not have. */

import { get } from "../lib/api.js";
import { toast } from "../controls/toast.js";

export class BoardSearch {
  /** The ids of the tickets that were found. */
  matches = new Set();
  #onChange;
  #searched = "";
  #request = new AbortController();

  /** @param {() => void} onChange is called once the server has answered. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Search a board for a text, unless that is what was searched for last. */
  async search(board, text) {
    const wanted = `${board} ${text.trim()}`;
    if (wanted === this.#searched) return;
    this.#searched = wanted;
    this.matches = new Set();
    this.#request.abort();
    this.#request = new AbortController();
    if (!text.trim()) return;
    const { signal } = this.#request;
    const query = { board_id: board, search: text.slice(0, 200), page_size: 500 };
    try {
      const { items } = await get("/api/tickets", { query, signal });
      if (signal.aborted) return;
      this.matches = new Set(items.map((ticket) => ticket.id));
      this.#onChange();
    } catch (error) {
      if (signal.aborted) return;
      this.#searched = "";
      toast(`Texts and comments are not searched: ${error.message}`, { kind: "bad" });
    }
  }
}
