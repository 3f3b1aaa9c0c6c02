/**
 * A column's cards, of which only those near the window exist. Each stands at its own height from the top, measured
 * once it was shown; what happens above the window does not move what is in it.
 */

const GAP = 8;
const GUESS = 84;
/** Pixels above and below the window in which cards exist already. */
const BEYOND = 300;

/** Heights of cards by ticket, shared by all columns, which are equally wide. */
const heights = new Map();
let measured = 0;
let sum = 0;

export class CardList {
  #scroller;
  #list;
  #cards = new Map();
  #tickets = [];
  #offsets = [0];
  #options;
  #scheduled = false;

  /**
   * @param {HTMLElement} scroller @param {HTMLElement} list stands in it
   * @param {{card: (id: number) => object, show: (card: object, ticket: object) => void, pinned: () => Set<number>}} options
   */
  constructor(scroller, list, options) {
    this.#scroller = scroller;
    this.#list = list;
    this.#options = options;
    scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(scroller);
  }

  /** The cards that exist. */
  get cards() {
    return this.#cards.values();
  }

  /** The tickets, from the top. */
  get tickets() {
    return this.#tickets;
  }

  card(id) {
    return this.#cards.get(id);
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
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top - GAP;
    else if (bottom > scrollTop + clientHeight) this.#scroller.scrollTop = bottom - clientHeight + GAP;
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

  #soon() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #place() {
    const guess = measured ? sum / measured : GUESS;
    const offsets = new Float64Array(this.#tickets.length + 1);
    for (let at = 0; at < this.#tickets.length; at++)
      offsets[at + 1] = offsets[at] + (heights.get(this.#tickets[at].id) ?? guess) + GAP;
    this.#offsets = offsets;
    this.#list.style.setProperty("--height", `${offsets.at(-1)}px`);
  }

  /** The first card in the window, and where it stands in it. */
  #anchor() {
    const { scrollTop } = this.#scroller;
    if (scrollTop <= 0 || !this.#tickets.length) return null;
    const index = this.#at(scrollTop);
    return { id: this.#tickets[index].id, from: scrollTop - this.#offsets[index] };
  }

  #hold(anchor) {
    if (!anchor) return;
    const index = this.#tickets.findIndex((ticket) => ticket.id === anchor.id);
    if (index < 0) return;
    const top = this.#offsets[index] + anchor.from;
    if (Math.abs(top - this.#scroller.scrollTop) >= 1) this.#scroller.scrollTop = top;
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
    const { scrollTop, clientHeight } = this.#scroller;
    for (let round = 0; round < 3; round++) {
      const anchor = this.#anchor();
      this.#fill(scrollTop - BEYOND, scrollTop + clientHeight + BEYOND);
      if (!this.#measure()) return;
      this.#place();
      this.#hold(anchor);
    }
  }

  #fill(from, to) {
    const wanted = new Map();
    if (this.#tickets.length)
      for (let at = this.#at(from); at < this.#tickets.length && this.#offsets[at] <= to; at++) wanted.set(this.#tickets[at].id, at);
    for (const id of this.#options.pinned()) {
      const at = wanted.has(id) ? -1 : this.#tickets.findIndex((ticket) => ticket.id === id);
      if (at >= 0) wanted.set(id, at);
    }
    for (const [id, card] of this.#cards)
      if (!wanted.has(id)) {
        card.element.remove();
        this.#cards.delete(id);
      }
    const order = [...wanted].sort((a, b) => a[1] - b[1]).map(([id, at]) => this.#put(id, at));
    this.#order(order);
  }

  #put(id, at) {
    const card = this.#cards.get(id) ?? this.#options.card(id);
    this.#options.show(card, this.#tickets[at]);
    const { element } = card;
    element.style.setProperty("--y", `${this.#offsets[at]}px`);
    element.setAttribute("aria-posinset", at + 1);
    element.setAttribute("aria-setsize", this.#tickets.length);
    card.at = at;
    this.#cards.set(id, card);
    return element;
  }

  /** The order of reading is the order of sight. */
  #order(elements) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    let next = null;
    for (const element of elements.reverse()) {
      if (!element.isConnected || element.nextSibling !== next) this.#list.insertBefore(element, next);
      next = element;
    }
    if (focused !== document.activeElement) focused?.focus({ preventScroll: true });
  }

  /** Whether a card turned out to be of another height than was thought. */
  #measure() {
    let changed = false;
    for (const [id, { element }] of this.#cards) {
      const height = element.offsetHeight;
      const known = heights.get(id);
      if (!height || known === height) continue;
      if (known === undefined) measured++;
      sum += height - (known ?? 0);
      heights.set(id, height);
      changed = true;
    }
    return changed;
  }
}
