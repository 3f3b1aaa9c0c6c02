import "../lib/el.js";

class WorkPage extends HTMLElement {
  show() {}
}

customElements.define("work-page", WorkPage);
