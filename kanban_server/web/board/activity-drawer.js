/** What happened on the board, newest first: from the log, and then as it happens. */

import { get } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { groupMoves } from "../model/group-moves.js";
import { sentence } from "../model/sentence.js";
import { ago, whole } from "../model/time.js";
import { sentenceNodes } from "../ticket/sentence-nodes.js";

const MOST = 1000;
const PAGE = 100;
const TICK = 30_000;

class ActivityDrawer extends HTMLElement {
  #live = null;
  /** The events that are shown, newest first; null before the log was read. */
  #events = null;
  /** Events that came while it was read. */
  #arrived = [];
  /** The number of the oldest event that was read. */
  #oldest = 0;
  #loading = null;
  #list = el("ol", { class: "activity" });
  #older = el("button", { class: "button plain", type: "button", hidden: true }, "Show older");
  #clock = null;

  connectedCallback() {
    this.#clock = setInterval(() => this.#tick(), TICK);
    if (this.firstChild) return;
    this.hidden = true;
    this.#older.addEventListener("click", () => this.#loadOlder());
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
    const head = el("header", { class: "drawer-head" }, el("h2", {}, "Activity"), close);
    const body = el("div", { class: "drawer-body", tabindex: "0" }, this.#list, this.#older);
    fill(this, el("aside", { class: "drawer", "aria-label": "Activity" }, head, body));
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

  /** Take in new events of the board. */
  receive(events) {
    if (!this.isOpen) return;
    const fresh = events.filter((event) => event.event !== "snapshot" && sentence(event)).reverse();
    if (events.some((event) => event.event === "snapshot") || !this.#loading) this.#load();
    else if (!this.#events) this.#arrived.unshift(...fresh);
    else if (fresh.length) this.#show([...fresh, ...this.#events]);
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
    this.#arrived = [];
    if (!live.board.seq) return; // the board is not here yet; with it, this is called again
    this.#oldest = live.board.seq + 1;
    try {
      const events = await this.#read();
      if (loading !== this.#loading) return;
      const last = events[0]?.seq ?? 0;
      this.#show([...this.#arrived.filter((event) => event.seq > last), ...events.filter((event) => sentence(event))]);
    } catch (error) {
      if (loading !== this.#loading) return;
      this.#loading = null;
      fill(this.#list, el("li", { class: "muted" }, error.message));
    }
  }

  async #loadOlder() {
    const loading = this.#loading;
    this.#older.disabled = true;
    try {
      const events = await this.#read();
      if (loading === this.#loading) this.#show([...this.#events, ...events.filter((event) => sentence(event))]);
    } catch {
      this.#older.hidden = true; // what is older was trimmed
    }
    this.#older.disabled = false;
  }

  /** The page of events before the oldest that was read, newest first. */
  async #read() {
    const after = Math.max(0, this.#oldest - 1 - PAGE);
    const limit = this.#oldest - 1 - after;
    if (limit <= 0) return [];
    const { events } = await get(`/api/boards/${this.#live.id}/events`, {
      query: { after, limit: Math.max(limit, PAGE) },
    });
    const older = events.filter((event) => event.seq < this.#oldest || this.#events === null);
    this.#oldest = after + 1;
    return older.reverse();
  }

  #show(events) {
    this.#events = events.slice(0, MOST);
    fill(
      this.#list,
      groupMoves(this.#events).map((event) => this.#item(event)),
    );
    if (!events.length) fill(this.#list, el("li", { class: "muted" }, "Nothing has happened yet."));
    this.#older.hidden = this.#oldest <= 1 || this.#events.length === MOST;
  }

  #item(event) {
    const { timestamp, data } = event;
    const text = ago(timestamp, this.#live.now());
    const time = el("time", { class: "muted", datetime: timestamp, title: whole(timestamp) }, text);
    const parts = sentence(event, (id) => this.#live.board.tickets.get(id)?.title);
    const moves = data.moves > 1 && el("span", { class: "muted" }, ` (${data.moves} moves)`);
    const nodes = sentenceNodes(parts, event.board_id);
    return el("li", {}, avatar(event.actor, { hidden: true }), el("p", {}, nodes, moves, " ", time));
  }

  #tick() {
    for (const time of this.#list.querySelectorAll("time")) time.textContent = ago(time.dateTime, this.#live.now());
  }
}

customElements.define("activity-drawer", ActivityDrawer);
