/** Dragging cards by mouse, pen or finger. A finger holds a card for a moment first, so that it can scroll as well. */

import { el } from "../lib/el.js";

const FAR = 5;
const HOLD = 260;
const SHAKE = 9;
const EDGE = 56;
/** Pixels a second at the edge: at first, and what each second there adds, up to the most. */
const [SLOW, GAIN, FASTEST] = [500, 2_500, 6_000];
/** Milliseconds that a card is held at the side of a phone before the next column comes. */
const NEXT_COLUMN = 500;
const ONE_COLUMN = matchMedia("(max-width: 40rem)");

export class Drag {
  #host;
  #page;
  #pressed = null;
  #ghost = null;
  #at = { x: 0, y: 0 };
  #frame = null;
  #last = 0;
  #edge = { since: 0, key: "" };

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

  #tick(now = performance.now()) {
    this.#place();
    this.#scroll(now, Math.min(100, now - (this.#last || now)) / 1000);
    this.#last = now;
    this.#aim();
    this.#frame = requestAnimationFrame((time) => this.#tick(time));
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

  /** Scroll what is under the pointer where it is near an edge: the longer it stays there, the faster. */
  #scroll(now, seconds) {
    const { x, y } = this.#at;
    const column = this.#under();
    const scroller = column?.scroller;
    if (!scroller) return;
    const [outer, inner] = [this.#host.getBoundingClientRect(), scroller.getBoundingClientRect()];
    const [across, along] = [push(x, outer.left, outer.right), push(y, inner.top, inner.bottom)];
    const key = `${Math.sign(across)} ${Math.sign(along)}`;
    if (key !== this.#edge.key) this.#edge = { since: now, key };
    const stayed = now - this.#edge.since;
    const distance = Math.min(FASTEST, SLOW + GAIN * (stayed / 1000)) * seconds;
    if (!ONE_COLUMN.matches) this.#host.scrollLeft += across * distance;
    else if (across && stayed > NEXT_COLUMN) {
      this.#edge.since = now;
      this.#host.scrollBy({ left: Math.sign(across) * column.offsetWidth, behavior: "smooth" });
    }
    scroller.scrollTop += along * distance;
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#ghost?.remove();
    this.#ghost = null;
    this.#last = 0;
    document.documentElement.classList.remove("dragging");
    this.#pressed?.listening.abort();
    this.#pressed = null;
  }
}

/** From -1 to 1: how near a place is to one of two edges. */
const push = (at, from, to) => {
  if (at < from + EDGE) return -Math.min(1, (from + EDGE - at) / EDGE);
  if (at > to - EDGE) return Math.min(1, (at - to + EDGE) / EDGE);
  return 0;
};

const stop = (event) => {
  event.preventDefault();
  event.stopPropagation();
};
