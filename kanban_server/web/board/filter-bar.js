/** What narrows the board down: who, which labels and priorities, and the state of the tickets. */

import { avatar } from "../controls/avatar.js";
import { el, fill, refill } from "../lib/el.js";
import { openDialog } from "../controls/dialog.js";
import { icon } from "../controls/icons.js";
import { menu, menuItem } from "../controls/menu.js";
import { keep, setting } from "../lib/settings.js";
import { ALL, cleared, read, showsAll, write } from "../model/filter.js";
import { visible } from "../model/invisible-characters.js";
import { priorityGlyph } from "./priority.js";

const WORDS = ["critical", "high", "medium", "low"];
const FLAGS = { ready: "Ready", blocked: "Blocked", held: "Held" };
const FLAG_HINTS = {
  ready: "Can be taken: not held, waiting for nothing",
  blocked: "Waits for other tickets",
  held: "Somebody works on it",
};

class FilterBar extends HTMLElement {
  #filter = ALL;
  #tickets = [];
  #change;
  #board = null;
  #chips = {};
  #layout = el("button", { class: "chip", type: "button", title: "Show as a list" }, icon("list"), "List");
  #count = el("span", { class: "shown muted number" });
  #clear = el("button", { class: "button plain small", type: "button", hidden: true }, "Clear");

  /** @param {(filter: object) => void} change is called with a filter that the user chose. */
  begin(change) {
    this.#change = change;
    this.#layout.addEventListener("click", () =>
      this.#want({ ...this.#filter, view: this.#filter.view ? "" : "list" }),
    );
    this.#clear.addEventListener("click", () => this.#want(cleared(this.#filter)));
    const lists = [
      this.#list(
        "assignee",
        "Assignee",
        "person",
        () => this.#people(),
        (name) => [name && avatar(name, { hidden: true }), name || "Nobody"],
      ),
      this.#list(
        "label",
        "Label",
        "filter",
        () => this.#labels(),
        (name) => [name],
      ),
      this.#list(
        "priority",
        "Priority",
        "warning",
        () => this.#priorities(),
        (name) => [priorityGlyph(name, { hidden: true }), name],
      ),
    ];
    fill(
      this,
      el(
        "div",
        { class: "filters", role: "toolbar", "aria-label": "Filters" },
        this.#views(),
        this.#layout,
        lists,
        this.#flags(),
        this.#clear,
        this.#count,
      ),
    );
    return this;
  }

  /** Show a filter over the tickets of a board, of which so many pass. */
  show(filter, tickets, passing, board) {
    this.#board = board;
    this.#layout.setAttribute("aria-pressed", String(filter.view === "list"));
    this.#layout.classList.toggle("on", filter.view === "list");
    this.#filter = filter;
    this.#tickets = tickets;
    for (const [name, chip] of Object.entries(this.#chips)) {
      const value = filter[name];
      const on = Array.isArray(value) ? value.length > 0 : value;
      chip.button.classList.toggle("on", on);
      if (chip.value) chip.value.textContent = on ? visible(summary(value)) : "";
      else chip.button.setAttribute("aria-pressed", String(on));
    }
    const all = showsAll(filter);
    this.#clear.hidden = all;
    this.#count.textContent = all ? "" : `${passing} of ${tickets.length} shown`;
  }

  #list(name, title, glyph, values, show) {
    const value = el("span", { class: "chip-value" });
    const button = el(
      "button",
      { class: "chip", type: "button" },
      icon(glyph),
      el("span", {}, title),
      value,
      icon("down"),
    );
    const build = () => {
      const chosen = this.#filter[name];
      const all = [...new Set([...chosen, ...values()])];
      if (!all.length) return [el("p", { class: "muted menu-note" }, "None on this board")];
      return all.map((one) =>
        el(
          "label",
          { class: "menu-item" },
          el("input", {
            type: "checkbox",
            checked: chosen.includes(one),
            onchange: () => this.#toggle(name, one, panel, build),
          }),
          show(one),
        ),
      );
    };
    const panel = menu(button, build, { label: title, class: "choices" });
    this.#chips[name] = { button, value };
    return [button, panel];
  }

  #flags() {
    return Object.entries(FLAGS).map(([name, title]) => {
      const onclick = () => this.#want({ ...this.#filter, [name]: !this.#filter[name] });
      const button = el(
        "button",
        { class: "chip", type: "button", title: FLAG_HINTS[name], "aria-pressed": "false", onclick },
        title,
      );
      this.#chips[name] = { button };
      return button;
    });
  }

  /** The views that the user keeps for the board: names for filters. */
  #views() {
    const button = el("button", { class: "chip", type: "button" }, icon("star"), "Views", icon("down"));
    const panel = menu(button, (close) => this.#viewItems(close), { label: "Views" });
    return [button, panel];
  }

  #viewItems(close) {
    const views = savedViews(this.#board);
    const forget = (name) => () => {
      saveViews(
        this.#board,
        views.filter((view) => view.name !== name),
      );
      close();
    };
    const row = ({ name, query }) =>
      el(
        "div",
        { class: "row" },
        menuItem("star", name, () => this.#want(read(query)), close),
        el(
          "button",
          { class: "button plain square small", type: "button", "aria-label": `Forget ${name}`, onclick: forget(name) },
          icon("close"),
        ),
      );
    return [
      menuItem("columns", "All tickets", () => this.#want(ALL), close),
      views.map(row),
      el("hr"),
      menuItem("add", "Keep this view", () => this.#keepView(), close),
    ];
  }

  #keepView() {
    const name = el("input", { class: "input", maxlength: 50, dir: "auto" });
    const query = write(this.#filter);
    const submit = async () => {
      const title = name.value.trim();
      if (!title) throw new Error("A view has a name.");
      saveViews(this.#board, [
        ...savedViews(this.#board).filter((view) => view.name !== title),
        { name: title, query },
      ]);
      return true;
    };
    openDialog("Keep this view", [el("label", { class: "field" }, el("span", {}, "Name"), name)], {
      does: "Keep",
      submit,
    });
  }

  #toggle(name, value, panel, build) {
    const chosen = this.#filter[name];
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    this.#want({ ...this.#filter, [name]: next });
    refill(panel, build);
  }

  /** What is wanted is known here at once, though the page shows it a moment later. */
  #want(filter) {
    this.#filter = filter;
    this.#change(filter);
  }

  #people() {
    return ["", ...most(this.#tickets.flatMap((ticket) => ticket.assignee ?? []))];
  }

  #labels() {
    return most(this.#tickets.flatMap((ticket) => ticket.labels ?? []));
  }

  #priorities() {
    const used = new Set(this.#tickets.map((ticket) => ticket.priority));
    const numbers = [...used]
      .filter((one) => !WORDS.includes(one))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return [...WORDS.filter((word) => used.has(word)), ...numbers];
  }
}

const savedViews = (board) => JSON.parse(setting(`views:${board}`, "[]"));

const saveViews = (board, views) => keep(`views:${board}`, views.length ? JSON.stringify(views) : null);

const summary = (values) => (values.length === 1 ? values[0] || "Nobody" : `${values.length}`);

/** The different values, those that occur most first. */
const most = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
};

customElements.define("filter-bar", FilterBar);
