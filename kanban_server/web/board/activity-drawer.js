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
const EACH = 30_000;

class ActivityDrawer extends HTMLElement {
  #live = null;
  /** Those that are shown, newest first; null before the log was read. */
  #events = null;
  /** Those that happened while it was read. */
  #meanwhile = [];
  #loading = null;
  #list = el("ol", { class: "activity" });
  #clock = null;

  connectedCallback() {
    this.#clock = setInterval(() => this.#tick(), EACH);
    if (this.firstChild) return;
    this.hidden = true;
    const close = el(
      "button",
      {
        class: "button plain square",
        type: "button",
        "aria-label": "Close the activity",
        onclick: () => this.toggle(),
      },
      icon("close"),
    );
    fill(
      this,
      el(
        "aside",
        { class: "drawer", "aria-label": "Activity" },
        el("header", { class: "drawer-head" }, el("h2", {}, "Activity"), close),
        this.#list,
      ),
    );
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
  }

  get isOpen() {
    return !this.hidden;
  }

  /** Follow another board. */
  watch(live) {
    this.#live = live;
    this.#loading = null;
    fill(this.#list);
    if (this.isOpen) this.#load();
  }

  /** More has happened. */
  hear(events) {
    if (!this.isOpen) return;
    const anew = events.some((event) => event.event === "snapshot");
    const told = events.filter((event) => event.event !== "snapshot" && sentence(event)).reverse();
    if (anew || !this.#loading) this.#load();
    else if (!this.#events) this.#meanwhile.unshift(...told);
    else if (told.length) this.#add(told);
  }

  toggle() {
    this.hidden = this.isOpen;
    if (!this.isOpen) return;
    this.#load();
    this.querySelector("button").focus();
  }

  async #load() {
    const live = this.#live;
    const loading = (this.#loading = {});
    this.#events = null;
    this.#meanwhile = [];
    if (!live.board.seq) return; // the board is not here yet; with it, this is asked again
    const after = Math.max(0, live.board.seq - PAST);
    try {
      const { events } = await get(`/api/boards/${live.id}/events`, { query: { after } });
      if (loading !== this.#loading) return;
      const last = events.at(-1)?.seq ?? after;
      this.#events = [];
      fill(this.#list);
      this.#add([
        ...this.#meanwhile.filter((event) => event.seq > last),
        ...events.filter((event) => sentence(event)).reverse(),
      ]);
    } catch (error) {
      if (loading !== this.#loading) return;
      this.#loading = null;
      fill(this.#list, el("li", { class: "muted" }, error.message));
    }
  }

  #add(events) {
    const fresh = events.slice(0, KEPT);
    if (!this.#events.length) fill(this.#list);
    this.#events = [...fresh, ...this.#events].slice(0, KEPT);
    this.#list.prepend(...fresh.map((event) => this.#item(event)));
    while (this.#list.children.length > KEPT) this.#list.lastChild.remove();
    if (!this.#events.length) fill(this.#list, el("li", { class: "muted" }, "Nothing has happened yet."));
  }

  #item(event) {
    const time = el(
      "time",
      { class: "muted", datetime: event.timestamp, title: whole(event.timestamp) },
      ago(event.timestamp, this.#live.now()),
    );
    const parts = sentence(event, (id) => this.#live.board.tickets.get(id)?.title);
    return el("li", {}, avatar(event.actor, { hidden: true }), el("p", {}, words(parts, event.board_id), " ", time));
  }

  #tick() {
    for (const time of this.#list.querySelectorAll("time")) time.textContent = ago(time.dateTime, this.#live.now());
  }
}

customElements.define("activity-drawer", ActivityDrawer);
