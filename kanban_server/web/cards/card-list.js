/**
 * The cards of a column. Only those near the window exist as elements. Each has its own offset from the top, measured
 * once it was shown; changes above the window do not move the cards in it.
 *
 * Drawing reads no size from the browser, because each such read would lay out the page: the position of the window
 * comes from scroll events, and sizes come from observers.
 */

import { focusedElement } from "../lib/el.js";

const GAP = 8;
const GUESS = 84;
/** Pixels above and below the window in which cards exist already. */
const BEYOND = 300;

/** Heights of cards by ticket, shared by all columns, which are equally wide. */
const heights = new Map();
let sum = 0;

export class CardList {
  #scroller;
  #list;
  #cards = new Map();
  #tickets = [];
  #offsets = new Float64Array(1);
  #options;
  #ended = new AbortController();
  /** Whether all cards exist, for the printer. */
  #all = false;
  #scheduled = false;
  #top = 0;
  #height = 0;
  #sizes = new ResizeObserver((entries) => this.#sized(entries));

  /**
   * @param {HTMLElement} scroller @param {HTMLElement} list its child
   * @param {{card: (id: number) => object, show: (card: object, ticket: object) => void, pinned: () => Set<number>}} options
   */
  constructor(scroller, list, options) {
    this.#scroller = scroller;
    this.#list = list;
    this.#options = options;
    scroller.addEventListener(
      "scroll",
      () => {
        this.#top = scroller.scrollTop;
        this.#soon();
      },
      { passive: true },
    );
    this.#sizes.observe(scroller);
    const { signal } = this.#ended;
    addEventListener("beforeprint", () => this.#drawAll(true), { signal });
    addEventListener("afterprint", () => this.#drawAll(false), { signal });
  }

  /** The cards that exist. */
  get cards() {
    return this.#cards.values();
  }

  card(id) {
    return this.#cards.get(id);
  }

  /** Whether the list contains a ticket. */
  has(id) {
    return this.#cards.has(id) || this.#tickets.some((ticket) => ticket.id === id);
  }

  /** Show these tickets. */
  show(tickets) {
    const anchor = this.#anchor();
    this.#tickets = tickets;
    this.#place();
    this.#hold(anchor);
    this.#draw();
  }

  /** Bring a ticket into the window, and give its card. */
  reveal(id) {
    const index = this.#tickets.findIndex((ticket) => ticket.id === id);
    if (index < 0) return null;
    const [top, bottom] = [this.#offsets[index], this.#offsets[index + 1]];
    if (top < this.#top) this.#scroll(top - GAP);
    else if (bottom > this.#top + this.#height) this.#scroll(bottom - this.#height + GAP);
    this.#draw();
    return this.#cards.get(id);
  }

  /** Where a card would land that is dropped at a height of the screen: its index among the others. */
  indexAt(y, without) {
    const within = y - this.#list.getBoundingClientRect().top;
    let index = 0;
    for (let at = 0; at < this.#tickets.length; at++) {
      if (this.#tickets[at].id === without) continue;
      if (within < (this.#offsets[at] + this.#offsets[at + 1]) / 2) break;
      index++;
    }
    return index;
  }

  /** Forget the cards: the column is gone. */
  end() {
    this.#sizes.disconnect();
    this.#ended.abort();
  }

  #drawAll(all) {
    this.#all = all;
    this.#draw();
  }

  #soon() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  /** The window or cards have another size than was assumed. Called before the browser paints. */
  #sized(entries) {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const height = Math.round(borderBoxSize[0].blockSize);
      if (target === this.#scroller) this.#height = height;
      else if (!this.#measured(Number(target.dataset.ticket), height)) continue;
      changed = true;
    }
    if (!changed) return;
    const anchor = this.#anchor();
    this.#place();
    this.#hold(anchor);
    this.#draw();
  }

  #measured(id, height) {
    const known = heights.get(id);
    if (!height || known === height) return false;
    sum += height - (known ?? 0);
    heights.set(id, height);
    return true;
  }

  #place() {
    const guess = heights.size ? sum / heights.size : GUESS;
    const offsets = new Float64Array(this.#tickets.length + 1);
    for (let at = 0; at < this.#tickets.length; at++)
      offsets[at + 1] = offsets[at] + (heights.get(this.#tickets[at].id) ?? guess) + GAP;
    this.#offsets = offsets;
    write(this.#list, "height", `${offsets.at(-1)}px`);
  }

  /** The first card in the window, and its offset in it. */
  #anchor() {
    if (this.#top <= 0 || !this.#tickets.length) return null;
    const index = this.#at(this.#top);
    return { id: this.#tickets[index].id, from: this.#top - this.#offsets[index] };
  }

  #hold(anchor) {
    const index = anchor ? this.#tickets.findIndex((ticket) => ticket.id === anchor.id) : -1;
    if (index < 0) return;
    const top = this.#offsets[index] + anchor.from;
    if (Math.abs(top - this.#top) >= 1) this.#scroll(top);
  }

  #scroll(top) {
    this.#scroller.scrollTop = top;
    this.#top = Math.max(0, top);
  }

  /** The index of the card at a height. */
  #at(height) {
    let [low, high] = [0, this.#tickets.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#offsets[middle] <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #draw() {
    const wanted = this.#all
      ? this.#wanted(0, Infinity)
      : this.#wanted(this.#top - BEYOND, this.#top + this.#height + BEYOND);
    for (const [id, card] of this.#cards)
      if (!wanted.has(id)) {
        this.#sizes.unobserve(card.element);
        card.element.remove();
        this.#cards.delete(id);
      }
    const order = [...wanted].sort((a, b) => a[1] - b[1]).map(([id, at]) => this.#put(id, at));
    this.#order(order);
  }

  /** The tickets whose cards are to exist, with their indexes. */
  #wanted(from, to) {
    const wanted = new Map();
    const { length } = this.#tickets;
    if (length)
      for (let at = this.#at(from); at < length && this.#offsets[at] <= to; at++) wanted.set(this.#tickets[at].id, at);
    for (const id of this.#options.pinned()) {
      const at = wanted.has(id) ? -1 : this.#tickets.findIndex((ticket) => ticket.id === id);
      if (at >= 0) wanted.set(id, at);
    }
    return wanted;
  }

  #put(id, at) {
    const known = this.#cards.get(id);
    const card = known ?? this.#options.card(id);
    const { element } = card;
    this.#options.show(card, this.#tickets[at]);
    write(element, "transform", `translateY(${this.#offsets[at]}px)`);
    if (card.at !== at) element.setAttribute("aria-posinset", at + 1);
    if (card.of !== this.#tickets.length) element.setAttribute("aria-setsize", this.#tickets.length);
    card.at = at;
    card.of = this.#tickets.length;
    this.#cards.set(id, card);
    if (!known) this.#sizes.observe(element);
    return element;
  }

  /** The order of reading is the order of sight. */
  #order(elements) {
    const focused = this.#list.contains(document.activeElement) ? focusedElement() : null;
    let next = null;
    for (const element of elements.reverse()) {
      if (!element.isConnected || element.nextSibling !== next) this.#list.insertBefore(element, next);
      next = element;
    }
    if (focused && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }
}

/** Set a style if it differs: not by a variable, which all descendants would inherit. */
const write = (element, name, value) => {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
};
