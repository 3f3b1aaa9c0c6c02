/** The field that searches a board. */

import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";

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

  /** @param {(text: string) => void} change is called with what the user searches for. */
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

  /** Show what is searched for, unless the user is writing. */
  show(text) {
    if (document.activeElement !== this.#input) this.#input.value = text;
  }
}

customElements.define("search-field", SearchField);
