import "../lib/el.js";

class AgentsPage extends HTMLElement {
  show() {}
}

customElements.define("agents-page", AgentsPage);
