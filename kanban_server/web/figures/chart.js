/** A chart: a frame with axes, marks in it, and what a pointer or the arrow keys find there. */

import { el, fill, svg } from "../lib/el.js";
import { go, href } from "../lib/navigation.js";

const MARGIN = { top: 10, right: 14, bottom: 26, left: 46 };
const HEIGHT = 240;

/**
 * What is drawn, for a room of `width` by `height`:
 *
 *     { x: [{at, text}], y: [{at, text}], marks: Node[], spots: [{x, y, lines: string[], path?}] }
 *
 * `spots` are what can be looked at one by one, from left to right; `path` is where a click on one leads.
 * @typedef {(room: {width: number, height: number}) => object} Draw
 */
export class Chart {
  element;
  #draw = null;
  #spots = [];
  #at = -1;
  #flat;
  #frame;
  #tip = el("div", { class: "chart-tip", hidden: true });
  #status = el("p", { class: "unseen", role: "status" });
  #picture = svg("svg", { class: "chart-picture", "aria-hidden": "true" });
  #pin = svg("g", { class: "chart-pin" });
  #table = el("div", { class: "chart-table" });
  #nothing = el("p", { class: "chart-nothing muted", hidden: true });

  /**
   * @param {{title: string, note: string, flat?: boolean, wide?: boolean}} options `flat`: spots are told apart by
   *   their place from left to right only.
   */
  constructor({ title, note, flat = false, wide = false }) {
    this.#flat = flat;
    this.#frame = el(
      "div",
      {
        class: "chart-frame",
        tabindex: "0",
        role: "group",
        "aria-label": `${title}, chart. Arrow keys go through it.`,
      },
      this.#picture,
      this.#tip,
      this.#nothing,
    );
    this.element = el(
      "figure",
      { class: `chart ${wide ? "wide" : ""}` },
      el("figcaption", {}, el("h2", {}, title), el("p", { class: "muted" }, note)),
      this.#frame,
      el("details", {}, el("summary", {}, "As a table"), this.#table),
      this.#status,
    );
    this.#frame.addEventListener("pointermove", (event) => this.#look(this.#nearest(event)));
    this.#frame.addEventListener("pointerleave", () => this.#look(-1));
    this.#frame.addEventListener("blur", () => this.#look(-1));
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
    this.#frame.addEventListener("click", (event) => this.#follow(this.#nearest(event)));
    new ResizeObserver(() => this.#paint()).observe(this.#frame);
  }

  /**
   * @param {Draw|null} draw null if there is nothing to draw; then `nothing` is shown.
   * @param {{head: string[], rows: (string|number|Node)[][]}} table the same in words
   */
  show(draw, table, nothing = "Nothing in this time.") {
    this.#draw = draw;
    this.#nothing.hidden = draw !== null;
    this.#nothing.textContent = nothing;
    fill(this.#table, dataTable(table));
    this.#paint();
  }

  #paint() {
    const width = this.#frame.clientWidth;
    if (width < 2 * (MARGIN.left + MARGIN.right)) return; // it has no room yet
    this.#look(-1);
    this.#picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const room = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
    const { x = [], y = [], marks = [], spots = [] } = this.#draw?.(room) ?? {};
    this.#spots = spots;
    const inside = svg("g", { transform: `translate(${MARGIN.left} ${MARGIN.top})` });
    inside.append(
      ...y.map((tick) => acrossAt(tick, room)),
      ...marks,
      ...x.map((tick) => belowAt(tick, room)),
      this.#pin,
    );
    fill(this.#picture, inside);
  }

  #nearest({ clientX, clientY }) {
    const box = this.#frame.getBoundingClientRect();
    const [x, y] = [clientX - box.left - MARGIN.left, clientY - box.top - MARGIN.top];
    const away = (spot) => Math.hypot(spot.x - x, this.#flat ? 0 : spot.y - y);
    let best = -1;
    for (const [index, spot] of this.#spots.entries())
      if (best < 0 || away(spot) < away(this.#spots[best])) best = index;
    return best >= 0 && (this.#flat || away(this.#spots[best]) < 32) ? best : -1;
  }

  #key(event) {
    const last = this.#spots.length - 1;
    const to = { ArrowLeft: this.#at < 0 ? last : this.#at - 1, ArrowRight: this.#at + 1, Home: 0, End: last }[
      event.key
    ];
    if (event.key === "Enter") this.#follow(this.#at);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#look(Math.max(0, Math.min(last, to)));
    this.#status.textContent = this.#spots[this.#at].lines.join(", ");
  }

  #follow(at) {
    if (this.#spots[at]?.path) go(this.#spots[at].path);
  }

  #look(at) {
    this.#at = at;
    const spot = this.#spots[at];
    this.#tip.hidden = !spot;
    this.#pin.replaceChildren();
    this.#frame.classList.toggle("leads", Boolean(spot?.path));
    if (!spot) return;
    if (this.#flat)
      this.#pin.append(svg("line", { x1: spot.x, x2: spot.x, y1: 0, y2: HEIGHT - MARGIN.top - MARGIN.bottom }));
    else this.#pin.append(svg("circle", { cx: spot.x, cy: spot.y, r: 6 }));
    const [first, ...rest] = spot.lines;
    fill(
      this.#tip,
      el("strong", {}, first),
      rest.map((line) => el("span", {}, line)),
    );
    const left = Math.min(
      Math.max(0, MARGIN.left + spot.x - this.#tip.offsetWidth / 2),
      this.#frame.clientWidth - this.#tip.offsetWidth,
    );
    const above = MARGIN.top + spot.y - this.#tip.offsetHeight - 12;
    this.#tip.style.setProperty("--left", `${left}px`);
    this.#tip.style.setProperty("--top", `${above > 0 ? above : MARGIN.top + spot.y + 14}px`);
  }
}

/** A ticket's title as a link to it. */
export const ticketLink = (path, text) => el("a", { href: href(path) }, text);

const acrossAt = ({ at, text }, { width }) =>
  svg(
    "g",
    { class: "tick" },
    svg("line", { x1: 0, x2: width, y1: at, y2: at }),
    svg("text", { x: -8, y: at, dy: "0.32em", "text-anchor": "end" }, text),
  );

const belowAt = ({ at, text, anchor = "middle" }, { height }) =>
  svg("text", { class: "tick-text", x: at, y: height + 18, "text-anchor": anchor }, text);

/** A table with a heading a column; the first cell of a row names it. */
export const dataTable = ({ head, rows }) =>
  el(
    "table",
    {},
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        head.map((name) => el("th", { scope: "col" }, name)),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el(
          "tr",
          {},
          row.map((cell, index) => (index ? el("td", {}, cell) : el("th", { scope: "row" }, cell))),
        ),
      ),
    ),
  );
