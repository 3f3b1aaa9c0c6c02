/** How work flows over a board: the server's figures, drawn. */

import { avatar } from "../controls/avatar.js";
import { get } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { keep, setting } from "../lib/settings.js";
import { setTitle } from "../lib/title.js";
import { toast } from "../controls/toast.js";
import { visible } from "../model/invisible-characters.js";
import { boardPath } from "../model/route.js";
import { short } from "../model/scale.js";
import { Chart, dataTable } from "./chart.js";
import { ageing, cumulative, cycleTimes, throughput } from "./charts.js";

const FRESH = 30_000;
/** Days that are shown of a board without any work. */
const USUAL = 90;
/** @type {[number, string][]} */
const PERIODS = [
  [14, "2 weeks"],
  [30, "30 days"],
  [90, "90 days"],
  [180, "6 months"],
  [365, "1 year"],
];

class FiguresPage extends HTMLElement {
  #board = null;
  #days = null;
  #timer = null;
  #request = new AbortController();
  #name = el("a", { class: "board-name" });
  #sums = el("dl", { class: "sums" });
  #legend = el("ul", { class: "legend", "aria-label": "Columns" });
  #people = el("div", { class: "chart-table" });
  #body = el("div", { class: "sheet figures" });
  #content = null;
  #drawn = false;
  #period = el(
    "select",
    { class: "input", "aria-label": "Period" },
    PERIODS.map(([days, name]) => el("option", { value: days }, name)),
  );
  #flow = new Chart({
    title: "Cumulative flow",
    note: "How many tickets stood in each column. A band that grows is where work piles up.",
    flat: true,
    wide: true,
  });
  #cycle = new Chart({
    title: "Cycle time",
    note: "Each ticket that was done: how long it took from when work on it began.",
  });
  #done = new Chart({ title: "Throughput", note: "Tickets that were done, by week.", flat: true });
  #age = new Chart({
    title: "Ageing work",
    note: "What is in progress, and for how long. Above the upper line it is older than most ever got.",
  });

  crumbs = [slash(), this.#name, slash(), el("span", {}, "Figures")];

  connectedCallback() {
    this.#period.addEventListener("change", () => {
      keep("figures-days", this.#period.value);
      this.#load();
    });
    const by = el(
      "section",
      { class: "chart" },
      el("h2", {}, "By user"),
      el("p", { class: "muted" }, "What was done, and how long it took."),
      this.#people,
    );
    this.#flow.element.querySelector("figcaption").append(this.#legend);
    this.#content = el(
      "div",
      {},
      el("header", { class: "sheet-head" }, el("h1", {}, "Figures"), this.#period),
      this.#sums,
      el(
        "div",
        { class: "charts" },
        this.#flow.element,
        this.#cycle.element,
        this.#age.element,
        this.#done.element,
        by,
      ),
    );
    fill(this, this.#body);
    this.#timer = setInterval(() => document.hidden || this.#load({ quietly: true }), FRESH);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#request.abort();
  }

  show(route) {
    if (route.board === this.#board) return;
    this.#board = route.board;
    this.#name.textContent = "";
    this.#drawn = false;
    this.#days = null;
    fill(this.#body, this.#content);
    this.#name.href = href(boardPath(route.board));
    setTitle("Figures");
    this.#load();
  }

  /** The period that the user has chosen; null for none. */
  get #kept() {
    const kept = Number(setting("figures-days"));
    return PERIODS.some(([days]) => days === kept) ? kept : null;
  }

  /** The shortest period that shows all the work, unless the user has chosen one. */
  async #chooseDays(path, signal) {
    if (this.#kept || this.#days) return this.#kept ?? this.#days;
    const [longest] = PERIODS.at(-1);
    const { flow } = await get(`${path}/stats`, { signal, query: { days: longest } });
    const first = flow.findIndex(({ counts }) => Object.values(counts).some((count) => count > 0));
    const needed = first < 0 ? USUAL : flow.length - first;
    this.#days = (PERIODS.find(([days]) => days >= needed) ?? PERIODS.at(-1))[0];
    return this.#days;
  }

  async #load({ quietly = false } = {}) {
    this.#request.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const path = `/api/boards/${this.#board}`;
    try {
      const days = await this.#chooseDays(path, signal);
      this.#period.value = String(days);
      const [board, stats] = await Promise.all([
        get(path, { signal }),
        get(`${path}/stats`, { signal, query: { days } }),
      ]);
      if (signal.aborted) return;
      this.#name.textContent = visible(board.name);
      setTitle(`Figures of ${visible(board.name)}`);
      this.#draw(stats);
    } catch (error) {
      if (signal.aborted) return;
      if (error.type === "not-found")
        this.#note("There is no such board", el("a", { class: "button", href: href("/") }, "All boards"));
      else if (this.#drawn) quietly || toast(`The figures can’t be read just now: ${error.message}`, { kind: "bad" });
      else
        this.#note(
          "The figures can’t be read just now",
          el("p", {}, error.message),
          el("button", { class: "button", type: "button", onclick: () => this.#load() }, "Try again"),
        );
    }
  }

  #draw(stats) {
    if (!this.#content.isConnected) fill(this.#body, this.#content);
    this.#drawn = true;
    const oldest = stats.in_progress[0];
    const done = stats.throughput.map((week) => week.done);
    fill(
      this.#sums,
      sum("Cycle time", spread(stats.cycle), `85 % within ${spread(stats.cycle, "p85")}`),
      sum("Lead time", spread(stats.lead), `85 % within ${spread(stats.lead, "p85")}`),
      sum("Done this week", done.at(-1), `${done.reduce((all, one) => all + one, 0)} in ${done.length} weeks`),
      sum("In progress", stats.in_progress_count, oldest ? `the oldest for ${short(oldest.age)}` : "nothing is"),
    );
    const flow = cumulative(stats);
    this.#flow.show(flow.draw, flow.table);
    fill(
      this.#legend,
      [...flow.layers]
        .reverse()
        .map(({ name, role, shade }) =>
          el("li", {}, el("span", { class: "layer-dot", dataset: { role, shade } }), name),
        ),
    );
    const show = (chart, { draw, table }, nothing = undefined) => chart.show(draw, table, nothing);
    show(this.#cycle, cycleTimes(stats, this.#board));
    show(this.#done, throughput(stats));
    show(this.#age, ageing(stats, this.#board), "Nothing is in progress.");
    fill(this.#people, stats.users.length ? users(stats.users) : el("p", { class: "muted" }, "Nothing in this time."));
  }

  /** What is shown instead of the figures. */
  #note(title, ...more) {
    fill(this.#body, el("div", { class: "empty" }, el("h1", {}, title), ...more));
  }
}

const slash = () => el("span", { class: "slash", "aria-hidden": "true" }, "/");

const spread = (one, which = "p50") => (one[which] === null ? "–" : short(one[which]));

const sum = (name, value, note) =>
  el(
    "div",
    { class: "sum" },
    el("dt", {}, name),
    el("dd", { class: "sum-value" }, value),
    el("dd", { class: "muted" }, note),
  );

const users = (rows) =>
  dataTable({
    head: ["User", "Done", "Half within", "85 % within"],
    rows: rows.map((user) => [
      el("span", { class: "row" }, avatar(user.name, { hidden: true }), user.name),
      user.done,
      spread(user),
      spread(user, "p85"),
    ]),
  });

customElements.define("figures-page", FiguresPage);
