/** The state of the connection, what waits for it, and a way to connect now. */

import { el, fill } from "../lib/el.js";
import { outbox } from "../lib/outbox.js";

const WORDS = {
  connecting: "Connecting",
  connected: "Live",
  reconnecting: "Offline",
  offline: "Offline",
  ended: "Disconnected",
};
const WITHOUT_WEBSOCKET =
  "Something between here and the server lets no WebSocket through. Changes appear all the same; who else is here does not.";

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

  /** @param live has a `state`, emits `state` when it changes, and has a method `retry`. */
  watch(live) {
    this.#stop?.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#live = live;
    live.addEventListener("state", () => this.#show(), { signal });
    outbox.addEventListener("change", () => this.#show(), { signal });
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
    const { name, at, problem, http } = this.#live.state;
    const waiting = outbox.waiting;
    const changes = waiting ? ` · ${waiting} change${waiting === 1 ? "" : "s"} waiting` : "";
    const text = `${WORDS[name]}${http ? " without WebSocket" : ""}${changes}`;
    if (this.#word.textContent !== text) this.#word.textContent = text;
    const seconds = Math.max(0, Math.ceil((at - Date.now()) / 1000));
    this.#countdown.textContent = at ? `again in ${seconds} s` : "";
    this.title = problem?.detail ?? (http ? WITHOUT_WEBSOCKET : name === "connected" ? "Changes appear at once" : "");
  }
}

customElements.define("connection-state", ConnectionState);
