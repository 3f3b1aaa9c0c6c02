/** What happened on the board, newest first: from the log, and then as it happens. */

import { avatar } from "../lib/avatar.js";
import { get } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { words } from "../ticket/words.js";
import { sentence } from "../model/sentence.js";
import { ago, whole } from "../model/time.js";

const KEPT = 200;
const PAST = 100;

class ActivityDrawer extends HTMLElement {
  #live = null;
  #events = [];
  #list = el("ol", { class: "activity" });
  #clock = null;

  connectedCallback() {
    if (this.firstChild) return;
    this.hidden = true;
    const close = el("button", { class: "button plain square", type: "button", "aria-label": "Close the activity", onclick: () => this.toggle() }, icon("close"));
    fill(this, el("aside", { class: "drawer", "aria-label": "Activity" }, el("header", { class: "drawer-head" }, el("h2", {}, "Activity"), close), this.#list));
  }

  get isOpen() {
    return !this.hidden;
  }

  /** Follow another board. */
  watch(live) {
    this.#live = live;
    this.#events = [];
    fill(this.#list);
    if (this.isOpen) this.#load();
  }

  /** More has happened. */
  hear(events) {
    const told = events.filter((event) => event.event !== "snapshot" && sentence(event));
    if (!this.isOpen || !told.length) return;
    this.#events = [...told.slice(-KEPT).reverse(), ...this.#events].slice(0, KEPT);
    this.#list.prepend(...told.slice(-KEPT).reverse().map((event) => this.#item(event)));
    while (this.#list.children.length > KEPT) this.#list.lastChild.remove();
  }

  toggle() {
    this.hidden = this.isOpen;
    clearInterval(this.#clock);
    if (!this.isOpen) return;
    this.#load();
    this.#clock = setInterval(() => this.#tick(), 30_000);
    this.querySelector("button").focus();
  }

  async #load() {
    const live = this.#live;
    const after = Math.max(0, (live.board.seq ?? 0) - PAST);
    try {
      const { events } = await get(`/api/boards/${live.id}/events`, { query: { after } });
      if (live !== this.#live) return;
      this.#events = events.filter((event) => sentence(event)).reverse();
      fill(this.#list, this.#events.length ? this.#events.map((event) => this.#item(event)) : el("li", { class: "muted" }, "Nothing has happened yet."));
    } catch (error) {
      fill(this.#list, el("li", { class: "muted" }, error.message));
    }
  }

  #item(event) {
    const time = el("time", { class: "muted", datetime: event.timestamp, title: whole(event.timestamp) }, ago(event.timestamp, this.#live.now()));
    const parts = sentence(event, (id) => this.#live.board.tickets.get(id)?.title);
    return el("li", {}, avatar(event.actor, { hidden: true }), el("p", {}, words(parts, event.board_id), " ", time));
  }

  #tick() {
    for (const time of this.#list.querySelectorAll("time")) time.textContent = ago(time.dateTime, this.#live.now());
  }
}

customElements.define("activity-drawer", ActivityDrawer);
