/** The bar over every page: where one is on the left, what one can do on the right. */

import { el, fill, svg } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import "./user-menu.js";

class AppBar extends HTMLElement {
  #crumbs = el("div", { class: "crumbs" });
  #tools = el("div", { class: "tools" });

  connectedCallback() {
    const home = el("a", { class: "home", href: href("/"), "aria-label": "All boards" }, mark());
    const nav = el("nav", { "aria-label": "Where you are" }, home, this.#crumbs);
    fill(this, el("header", { class: "bar" }, nav, this.#tools, el("user-menu")));
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
