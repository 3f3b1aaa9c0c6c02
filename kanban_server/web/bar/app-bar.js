/** The bar over every page: what is shown on the left, what can be done on the right. */

import { el, fill, svg } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { unread } from "../inbox/unread.js";
import { href } from "../lib/navigation.js";
import "./user-menu.js";

class AppBar extends HTMLElement {
  #crumbs = el("div", { class: "crumbs" });
  #tools = el("div", { class: "tools" });
  #badge = el("span", { class: "badge", hidden: true });
  #inbox = el("a", { class: "button plain square inbox-link", href: href("/inbox") }, icon("inbox"), this.#badge);

  connectedCallback() {
    const home = el("a", { class: "home", href: href("/"), "aria-label": "All boards" }, mark());
    const nav = el("nav", { "aria-label": "Where you are" }, home, this.#crumbs);
    const actions = el("div", { class: "bar-actions" }, this.#tools, this.#inbox, el("user-menu"));
    fill(this, el("header", { class: "bar" }, nav, actions));
    unread.addEventListener("change", () => this.#showUnread());
    this.#showUnread();
  }

  #showUnread() {
    const { count } = unread;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > 99 ? "99+" : String(count);
    const title = count ? `Inbox, ${count} unread` : "Inbox";
    this.#inbox.setAttribute("aria-label", title);
    this.#inbox.title = `${title} (g i)`;
  }

  /** Show what belongs to the page that appears. */
  show(crumbs, tools) {
    fill(this.#crumbs, crumbs);
    fill(this.#tools, tools);
  }
}

const mark = () =>
  svg(
    "svg",
    { class: "mark", viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("rect", { x: 2, y: 3, width: 4.4, height: 14, rx: 1.6 }),
    svg("rect", { x: 7.8, y: 3, width: 4.4, height: 8.6, rx: 1.6 }),
    svg("rect", { x: 13.6, y: 3, width: 4.4, height: 11.4, rx: 1.6 }),
  );

customElements.define("app-bar", AppBar);
