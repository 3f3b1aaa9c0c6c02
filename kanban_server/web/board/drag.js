/** Dragging cards by mouse, pen or finger. A finger holds a card for a moment first, so that it can scroll as well. */

import { el } from "../lib/el.js";

const FAR = 5;
const HOLD = 260;
const SHAKE = 9;
const EDGE = 56;
const FASTEST = 18;

export class Drag {
  #host;
  #page;
  #pressed = null;
  #ghost = null;
  #at = { x: 0, y: 0 };
  #frame = null;

  /**
   * @param {HTMLElement} host holds the columns, and scrolls.
   * @param page gives `lift(id)`, `over(column, index)`, `drop()`, `cancel()` and `columns()` (elements).
   */
  constructor(host, page) {
    this.#host = host;
    this.#page = page;
    host.addEventListener("pointerdown", (event) => this.#press(event));
    host.addEventListener("dragstart", (event) => event.preventDefault());
    host.addEventListener("contextmenu", (event) => this.#pressed?.touch && event.preventDefault());
  }

  /** Whether a card is being dragged. */
  get dragging() {
    return this.#ghost !== null;
  }

  /** Give up: the card goes back. */
  cancel() {
    if (this.#ghost) this.#page.cancel();
    this.#end();
  }

  #press(event) {
    const card = event.target.closest(".card");
    if (!card || event.button !== 0 || event.target.closest("button, input") || this.#pressed) return;
    const { pointerId, clientX: x, clientY: y } = event;
    const listening = new AbortController();
    const { signal } = listening;
    const touch = event.pointerType === "touch";
    this.#pressed = { card, pointerId, x, y, touch, listening };
    this.#at = { x, y };
    addEventListener("pointermove", (moved) => this.#move(moved), { signal });
    addEventListener("pointerup", (up) => this.#up(up), { signal });
    addEventListener("pointercancel", () => this.cancel(), { signal });
    addEventListener("blur", () => this.cancel(), { signal });
    addEventListener("keydown", (key) => this.#key(key), { signal, capture: true });
    if (!touch) return;
    // The browser asks the touched element itself whether it may scroll, even once that is gone from the page.
    event.target.addEventListener("touchmove", (moved) => this.#ghost && moved.preventDefault(), {
      signal,
      passive: false,
    });
    const timer = setTimeout(() => this.#lift(), HOLD);
    signal.addEventListener("abort", () => clearTimeout(timer));
  }

  #move(event) {
    if (event.pointerId !== this.#pressed.pointerId) return;
    this.#at = { x: event.clientX, y: event.clientY };
    if (this.#ghost) return;
    const far = Math.hypot(event.clientX - this.#pressed.x, event.clientY - this.#pressed.y);
    if (this.#pressed.touch && far > SHAKE) this.#end();
    else if (!this.#pressed.touch && far > FAR) this.#lift();
  }

  #key(event) {
    if (event.key !== "Escape" || !this.#ghost) return;
    stop(event);
    this.cancel();
  }

  #up(event) {
    if (event.pointerId !== this.#pressed.pointerId) return;
    if (this.#ghost) {
      this.#aim();
      this.#page.drop();
      // The click that follows is no wish to open the ticket.
      addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", stop, { capture: true }));
    }
    this.#end();
  }

  #lift() {
    const { card, pointerId, x, y, touch } = this.#pressed;
    const box = card.getBoundingClientRect();
    if (!this.#page.lift(Number(card.dataset.ticket))) return this.#end();
    if (touch) navigator.vibrate?.(10);
    this.#host.setPointerCapture?.(pointerId);
    const copy = card.cloneNode(true);
    copy.removeAttribute("data-ticket");
    copy.style.removeProperty("transform");
    this.#ghost = el(
      "div",
      { class: "ghost", "aria-hidden": "true", inert: true, style: { width: `${box.width}px` } },
      copy,
    );
    this.#pressed.from = { x: x - box.left, y: y - box.top };
    document.body.append(this.#ghost);
    document.documentElement.classList.add("dragging");
    this.#tick();
  }

  #tick() {
    this.#place();
    this.#scroll();
    this.#aim();
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  #place() {
    const { from } = this.#pressed;
    this.#ghost.style.setProperty("--x", `${this.#at.x - from.x}px`);
    this.#ghost.style.setProperty("--y", `${this.#at.y - from.y}px`);
  }

  #aim() {
    const column = this.#under();
    if (!column) return;
    this.#page.over(column, column.list.indexAt(this.#at.y, Number(this.#pressed.card.dataset.ticket)));
  }

  /** The column at the pointer, or the one nearest to it. */
  #under() {
    let nearest = null;
    let least = Infinity;
    for (const column of this.#page.columns()) {
      const { left, right } = column.getBoundingClientRect();
      const away = Math.max(left - this.#at.x, this.#at.x - right, 0);
      if (away < least) [nearest, least] = [column, away];
    }
    return nearest;
  }

  /** Scroll what is under the pointer where it comes near an edge. */
  #scroll() {
    const { x, y } = this.#at;
    const box = this.#host.getBoundingClientRect();
    this.#host.scrollLeft += push(x, box.left, box.right);
    const scroller = this.#under()?.scroller;
    if (!scroller) return;
    const inner = scroller.getBoundingClientRect();
    scroller.scrollTop += push(y, inner.top, inner.bottom);
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#ghost?.remove();
    this.#ghost = null;
    document.documentElement.classList.remove("dragging");
    this.#pressed?.listening.abort();
    this.#pressed = null;
  }
}

const push = (at, from, to) => {
  if (at < from + EDGE) return -FASTEST * Math.min(1, (from + EDGE - at) / EDGE);
  if (at > to - EDGE) return FASTEST * Math.min(1, (at - to + EDGE) / EDGE);
  return 0;
};

const stop = (event) => {
  event.preventDefault();
  event.stopPropagation();
};
