/** Pointers of other users, as cursors in their colours. The user's own pointer is sent to them, except on touch screens. */

import { pointersShown, watchPointerSetting } from "../bar/pointer-setting.js";
import { el, fill, svg } from "../lib/el.js";
import { hue } from "../model/names.js";

/** A pointer that rests for so long is taken away. */
const RESTS = 8_000;

export class Pointers {
  /** @type {any} */
  #columns;
  #presence = null;
  #layer = el("div", { class: "pointers", "aria-hidden": "true" });
  #pointers = new Map();
  #leave = new AbortController();

  /** @param {HTMLElement} columns gives `element(name)`. */
  constructor(columns) {
    this.#columns = columns;
    const { signal } = this.#leave;
    columns.addEventListener("pointermove", (event) => this.#moved(event), { passive: true, signal });
    columns.addEventListener("pointerleave", () => this.#send(null), { signal });
    columns.addEventListener("scroll", () => this.#placeAll(), { passive: true, capture: true, signal });
    signal.addEventListener(
      "abort",
      watchPointerSetting(() => this.#switched()),
    );
  }

  watch(presence) {
    this.#clear();
    this.#presence = presence;
    if (!this.#layer.isConnected) document.body.append(this.#layer);
    presence.addEventListener("pointer", ({ detail }) => presence === this.#presence && this.#show(detail));
    presence.addEventListener("change", () => presence === this.#presence && this.#forgetGone());
  }

  stop() {
    this.#leave.abort();
    this.#clear();
    this.#layer.remove();
  }

  #moved(event) {
    if (event.pointerType === "touch" || !pointersShown()) return;
    const card = event.target.closest?.(".card");
    const column = card ? null : event.target.closest?.("board-column");
    const element = card ?? column;
    if (!element) return;
    const box = element.getBoundingClientRect();
    this.#send(
      card ? `ticket:${card.dataset.ticket}` : `column:${column.column.id}`,
      part(event.clientX, box.left, box.width),
      part(event.clientY, box.top, box.height),
    );
  }

  #send(element, x = null, y = null) {
    if (pointersShown()) this.#presence?.send({ element, x, y });
  }

  #switched() {
    if (pointersShown()) return;
    this.#clear();
    this.#presence?.send({ element: null, x: null, y: null });
  }

  #show({ username, element, x, y }) {
    if (!pointersShown()) return;
    const pointer = this.#pointers.get(username) ?? this.#new(username);
    Object.assign(pointer, { element, x, y });
    clearTimeout(pointer.timer);
    pointer.timer = setTimeout(() => this.#forget(username), RESTS);
    this.#place(pointer);
  }

  #new(username) {
    const arrow = svg("svg", { viewBox: "0 0 16 16" }, svg("path", { d: "M2 1.5l11.5 5-5 1.7L6.5 13z" }));
    const node = el("div", { class: "pointer", style: { "--hue": hue(username) } }, arrow, el("span", {}, username));
    /** @type {any} */
    const pointer = { node };
    this.#pointers.set(username, pointer);
    this.#layer.append(node);
    return pointer;
  }

  #place({ node, element, x, y }) {
    const box = element ? this.#columns.element(element)?.getBoundingClientRect() : null;
    node.hidden = !box || x === null || y === null;
    if (node.hidden) return;
    node.style.setProperty("--x", `${box.left + x * box.width}px`);
    node.style.setProperty("--y", `${box.top + y * box.height}px`);
  }

  #placeAll() {
    for (const pointer of this.#pointers.values()) this.#place(pointer);
  }

  #forgetGone() {
    const here = new Set(this.#presence.others.map((user) => user.username));
    for (const name of this.#pointers.keys()) if (!here.has(name)) this.#forget(name);
  }

  #forget(name) {
    clearTimeout(this.#pointers.get(name)?.timer);
    this.#pointers.get(name)?.node.remove();
    this.#pointers.delete(name);
  }

  #clear() {
    for (const name of [...this.#pointers.keys()]) this.#forget(name);
    fill(this.#layer);
  }
}

const part = (at, from, size) => Math.round(1000 * Math.max(0, Math.min(1, (at - from) / size))) / 1000;
