/** A board, live. */

import { el, fill } from "../lib/el.js";

class BoardPage extends HTMLElement {
  show(route) {
    fill(this, el("div", { class: "empty" }, el("h1", {}, `Board ${route.board}`)));
  }
}

customElements.define("board-page", BoardPage);
