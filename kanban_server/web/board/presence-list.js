/** Who else is on the board: their avatars in the bar, and a list of what they do. */

import { avatar } from "../controls/avatar.js";
import { el, fill, refill } from "../lib/el.js";
import { menu } from "../controls/menu.js";

const SHOWN = 4;

class PresenceList extends HTMLElement {
  #presence = null;
  #button = el("button", { class: "people-button", type: "button" });
  #panel = menu(this.#button, () => this.#list(), { end: true, label: "Who is here" });

  connectedCallback() {
    if (!this.firstChild) fill(this, this.#button, this.#panel);
  }

  watch(presence) {
    this.#presence = presence;
    presence.addEventListener("change", () => presence === this.#presence && this.#show());
    this.#show();
  }

  #show() {
    const { others } = this.#presence;
    const more = others.length - SHOWN;
    this.hidden = !others.length;
    this.#button.setAttribute("aria-label", `${others.length} other${others.length === 1 ? "" : "s"} here`);
    fill(
      this.#button,
      others.slice(0, SHOWN).map((user) => disc(user)),
      more > 0 && el("span", { class: "avatar more" }, `+${more}`),
    );
    if (this.#panel.matches(":popover-open")) refill(this.#panel, () => this.#list());
  }

  #list() {
    return this.#presence.others.map((user) =>
      el(
        "div",
        { class: "menu-person" },
        disc(user),
        el("div", {}, el("strong", {}, user.username), el("p", { class: "muted" }, does(user))),
      ),
    );
  }
}

const disc = (user) => avatar(user.username, { hidden: true, class: user.client_id ? "" : "away" });

const does = ({ client, client_id: connected, ticket_id: looks, dragging, holds = [] }) =>
  [
    connected ? { web: "in a browser", cli: "at a shell", mcp: "an agent", sdk: "a program" }[client] : "not connected",
    dragging ? `moves #${dragging}` : looks && `looks at #${looks}`,
    holds.length > 0 && `holds ${holds.map((id) => `#${id}`).join(", ")}`,
  ]
    .filter(Boolean)
    .join(" · ") || "connected";

customElements.define("presence-list", PresenceList);
