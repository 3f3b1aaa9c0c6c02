/** How the connection is, and a way to mend it. */

import { el, fill } from "../lib/el.js";

const WORDS = {
  connecting: "Connecting",
  connected: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline, trying again",
  ended: "Ended",
};

class ConnectionState extends HTMLElement {
  #live = null;
  #timer = null;
  #word = el("span", { class: "connection-word", role: "status" });
  #countdown = el("span", { class: "number", "aria-hidden": "true" });
  #button = el("button", { class: "button plain small", type: "button", hidden: true }, "Reconnect");
  #stop = null;

  connectedCallback() {
    if (this.firstChild) return;
    this.#button.addEventListener("click", () => this.#live?.retry());
    fill(
      this,
      el("span", { class: "connection" }, el("span", { class: "dot" }), this.#word, this.#countdown),
      this.#button,
    );
  }

  /** @param live has a `state`, tells of it with the event `state`, and has a method `retry`. */
  watch(live) {
    this.#stop?.abort();
    this.#stop = new AbortController();
    this.#live = live;
    live.addEventListener("state", () => this.#show(), { signal: this.#stop.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#stop?.abort();
    clearInterval(this.#timer);
  }

  #show() {
    clearInterval(this.#timer);
    const { name, at, problem } = this.#live.state;
    this.dataset.state = name;
    this.#button.hidden = !at && !problem;
    this.#write();
    if (at) this.#timer = setInterval(() => this.#write(), 500);
  }

  #write() {
    const { name, at, problem } = this.#live.state;
    if (this.#word.textContent !== WORDS[name]) this.#word.textContent = WORDS[name];
    this.#countdown.textContent = at ? `in ${Math.max(0, Math.ceil((at - Date.now()) / 1000))} s` : "";
    this.title = problem?.detail ?? (name === "connected" ? "Changes appear as they happen" : "");
  }
}

customElements.define("connection-state", ConnectionState);
