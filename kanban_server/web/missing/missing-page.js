/** An address that shows nothing. */

import { el, fill } from "../lib/el.js";
import { setTitle } from "../lib/title.js";
import { href } from "../lib/navigation.js";

class MissingPage extends HTMLElement {
  show() {
    setTitle("Nothing here");
    fill(
      this,
      el("div", { class: "empty" }, el("h1", {}, "There is nothing here"), el("a", { href: href("/") }, "All boards")),
    );
  }
}

customElements.define("missing-page", MissingPage);
