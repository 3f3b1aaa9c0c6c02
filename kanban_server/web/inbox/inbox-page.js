import "../lib/el.js";

class InboxPage extends HTMLElement {
  show() {}
}

customElements.define("inbox-page", InboxPage);
