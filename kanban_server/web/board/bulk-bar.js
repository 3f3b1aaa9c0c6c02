/** What can be done with the selected tickets. */

import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";

class BulkBar extends HTMLElement {
  #count = el("strong", { role: "status" });

  /** @param page has `selection`, `pickers()` and `actions()`. */
  begin({ selection, pickers, actions }) {
    const run = (name) => () => pickers()[name]([...selection.ids]);
    const button = (glyph, title, onclick, more = "") =>
      el(
        "button",
        { class: `button plain ${more}`, type: "button", onclick, title },
        icon(glyph),
        el("span", {}, title),
      );
    const clear = button("close", "Clear the selection", () => selection.clear());
    clear.classList.add("square");
    clear.setAttribute("aria-label", "Clear the selection");
    clear.lastChild.remove();
    const remove = async () => {
      if (await actions().delete([...selection.ids])) selection.clear();
    };
    fill(
      this,
      el(
        "div",
        { class: "bulk-bar", role: "toolbar", "aria-label": "Selected tickets" },
        this.#count,
        button("move", "Move", run("move")),
        button("person", "Assign", run("assign")),
        button("label", "Label", run("label")),
        button("warning", "Priority", run("priority")),
        button("trash", "Delete", remove),
        clear,
      ),
    );
    this.hidden = true;
    return this;
  }

  show(count) {
    this.hidden = count === 0;
    this.#count.textContent = `${count} selected`;
  }
}

customElements.define("bulk-bar", BulkBar);
