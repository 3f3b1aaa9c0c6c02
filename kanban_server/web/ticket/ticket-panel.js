/** The open ticket. */
import { fill } from "../lib/el.js";
class TicketPanel extends HTMLElement {
  begin() {}
  show() { fill(this); this.hidden = true; }
  hear() {}
}
customElements.define("ticket-panel", TicketPanel);
