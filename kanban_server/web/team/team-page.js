import "../lib/el.js";

class TeamPage extends HTMLElement {
  show() {}
}

customElements.define("team-page", TeamPage);
