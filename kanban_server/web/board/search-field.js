/** The search field. What it finds at once is what the page knows; the server adds what only texts and comments say. */

import { get } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";

const PAUSE = 180;

class SearchField extends HTMLElement {
  #input = el("input", {
    type: "search",
    class: "search-input",
    placeholder: "Search",
    "aria-label": "Search this board",
    maxlength: 200,
    "aria-keyshortcuts": "/",
  });
  #timer = null;

  /** @param {(text: string) => void} change is told of what the user looks for. */
  begin(change) {
    fill(
      this,
      el("label", { class: "search" }, icon("search"), this.#input, el("kbd", { "aria-hidden": "true" }, "/")),
    );
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => change(this.#input.value), PAUSE);
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      clearTimeout(this.#timer);
      if (this.#input.value) {
        this.#input.value = "";
        change("");
      } else this.#input.blur();
      event.stopPropagation();
      event.preventDefault();
    });
    return this;
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /** Show what is looked for, unless the user is writing. */
  show(text) {
    if (document.activeElement !== this.#input) this.#input.value = text;
  }
}

/** The ids of a board's tickets that say all words of a text, in any of their texts and comments. */
export const search = async (board, text, signal) => {
  const query = { board_id: board, search: text.slice(0, 200), page_size: 500 };
  const { items } = await get("/api/tickets", { query, signal });
  return new Set(items.map((ticket) => ticket.id));
};

customElements.define("search-field", SearchField);
