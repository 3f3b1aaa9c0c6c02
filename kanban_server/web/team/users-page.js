import "../lib/el.js";

class UsersPage extends HTMLElement {
  show() {}
}

customElements.define("users-page", UsersPage);
