/**
 * A text of the ticket: shown, edited, saved. What is written is kept as a draft until it is saved. Where somebody
 * else has changed the text meanwhile, both are shown, and nothing is lost.
 */

import { patch } from "../lib/api.js";
import { dropDraft, draft, keepDraft } from "../lib/drafts.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";

export class TextField {
  element = el("section", { class: "text-field" });
  #options;
  #ticket = null;
  #editing = null;
  #shown = undefined;

  /**
   * @param {{field: string, title: string, empty: string, line?: boolean, view: (text: string, ticket: object) => Node,
   *   attempt: (what: string, run: (force: boolean) => Promise<any>) => Promise<any>}} options
   *   `line`: a text of one line. `view` shows the text. `attempt` runs a change and tells where it was refused.
   */
  constructor(options) {
    this.#options = options;
  }

  /** Show the ticket's text; one that is being edited stays in the editor. */
  show(ticket) {
    const another = this.#ticket?.id !== ticket.id;
    this.#ticket = ticket;
    if (another) {
      this.#editing = null;
      this.#shown = undefined;
      const kept = draft(this.#name);
      if (kept) return this.#edit(kept);
    }
    if (this.#editing) this.#compare();
    else if (this.#text !== this.#shown) this.#view();
  }

  /** Open the editor. */
  edit() {
    if (!this.#editing) this.#edit({ text: this.#text, base: this.#text, version: this.#ticket.version });
    this.#editing.input.focus();
  }

  get #text() {
    return this.#ticket[this.#options.field] ?? "";
  }

  get #name() {
    return `${this.#ticket.id}:${this.#options.field}`;
  }

  #view() {
    const { title, empty, view, line } = this.#options;
    this.#shown = this.#text;
    const edit = el("button", { class: "button plain small edit", type: "button", "aria-label": `Edit the ${title.toLowerCase()}`, onclick: () => this.edit() }, icon("edit"), line ? null : "Edit");
    if (line) return fill(this.element, view(this.#text, this.#ticket), edit);
    const none = el("button", { class: "nothing", type: "button", onclick: () => this.edit() }, empty);
    const head = el("header", { class: "section-head" }, el("h3", {}, title), this.#text && edit);
    fill(this.element, head, this.#text ? view(this.#text, this.#ticket) : none);
  }

  #edit({ text, base, version }) {
    const { title, line } = this.#options;
    const input = el("textarea", {
      class: `input ${line ? "title-input" : "prose-input"}`,
      "aria-label": title,
      rows: line ? 2 : Math.min(24, Math.max(6, text.split("\n").length + 1)),
      maxlength: line ? 200 : null,
      "data-keeps-escape": true,
    });
    input.value = text;
    const notice = el("div", { class: "conflict", role: "alert", hidden: true });
    const save = el("button", { class: "button primary small", type: "submit" }, "Save");
    const cancel = el("button", { class: "button plain small", type: "button", onclick: () => this.#end() }, "Cancel");
    const form = el("form", { class: "text-form" }, notice, input, el("div", { class: "row" }, save, cancel, el("span", { class: "muted hint" }, line ? "" : "Markdown; Ctrl Enter saves")));
    this.#editing = { input, notice, base, version, told: base };
    input.addEventListener("input", () => this.#keep());
    input.addEventListener("keydown", (event) => this.#key(event, form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    fill(this.element, line ? null : el("header", { class: "section-head" }, el("h3", {}, title)), form);
    this.#compare();
  }

  #keep() {
    const { input, base, version } = this.#editing;
    if (input.value === base) dropDraft(this.#name);
    else keepDraft(this.#name, { text: input.value, base, version });
  }

  #key(event, form) {
    if (event.isComposing) return;
    const send = event.key === "Enter" && (event.ctrlKey || event.metaKey || (this.#options.line && !event.shiftKey));
    if (send) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (this.#editing.input.value === this.#editing.base) this.#end();
    }
  }

  async #save() {
    const { field, attempt, title } = this.#options;
    const { input, version, base } = this.#editing;
    const text = input.value;
    if (text === base && base === this.#text) return this.#end();
    const send = (from, force) => patch(`/api/tickets/${this.#ticket.id}`, { [field]: text }, { version: from, query: force ? { force: true } : {} });
    const saved = await attempt(`The ${title.toLowerCase()} is not saved`, async (force) => {
      try {
        return await send(version, force);
      } catch (error) {
        if (error.type !== "version-conflict") throw error;
        const { current, changed } = error.problem;
        if (!changed.some((change) => change.field === field)) return send(current.version, force);
        this.#ticket = { ...this.#ticket, ...current };
        this.#compare(changed.findLast((change) => change.field === field));
        return null;
      }
    });
    if (!saved) return;
    this.#ticket = { ...this.#ticket, ...saved };
    this.#end();
  }

  #end() {
    dropDraft(this.#name);
    this.#editing = null;
    this.#shown = undefined;
    this.#view();
    this.element.querySelector("button")?.focus();
  }

  /** Where the text has changed since the editor was opened, show what it is now. */
  #compare(change) {
    const { notice, base, input } = this.#editing;
    const theirs = this.#text;
    if (theirs === base) {
      notice.hidden = true;
      return;
    }
    if (input.value === base) return this.#take(theirs); // nothing of one's own is written yet
    const who = change?.by ?? this.#ticket.updated_by;
    fill(
      notice,
      el("p", {}, el("strong", {}, who), " changed this while you were writing. Theirs:"),
      el("pre", { class: "theirs" }, theirs || "(nothing)"),
      el(
        "div",
        { class: "row" },
        el("button", { class: "button small", type: "button", onclick: () => this.#mine(theirs) }, "Keep mine"),
        el("button", { class: "button plain small", type: "button", onclick: () => this.#take(theirs) }, "Take theirs"),
      ),
      el("p", { class: "muted" }, "Yours:"),
    );
    notice.hidden = false;
  }

  /** Go on from their text with one's own. */
  #mine(theirs) {
    Object.assign(this.#editing, { base: theirs, version: this.#ticket.version });
    this.#editing.notice.hidden = true;
    this.#keep();
    this.#editing.input.focus();
  }

  #take(theirs) {
    this.#editing.input.value = theirs;
    this.#mine(theirs);
  }
}
