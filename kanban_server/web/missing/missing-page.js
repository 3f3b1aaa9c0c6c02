/** An address that shows nothing. */

import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";

class MissingPage extends HTMLElement {
  show() {
    document.title = "Nothing here · Agent Kanban";
    fill(
      this,
      el("div", { class: "empty" }, el("h1", {}, "There is nothing here"), el("a", { href: href("/") }, "All boards")),
    );
  }
}

customElements.define("missing-page", MissingPage);
