/**
 * A text of the ticket: shown, edited, saved. What is written is kept as a draft until it is saved. Where somebody
 * else has changed the text meanwhile, both are shown, and nothing is lost.
 */

import { patch } from "../lib/api.js";
import { dropDraft, draft, keepDraft } from "../lib/drafts.js";
import { el, fill, refill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { isComposing } from "../lib/typing.js";
import { completeIn } from "../controls/completion.js";
import { fileInputOfText } from "./file-input.js";
import { previewOf } from "./preview.js";

export class TextField {
  element = el("section", { class: "text-field" });
  #options;
  #ticket = null;
  #editing = null;
  #shown = undefined;

  /**
   * @param {{field: string, title: string, empty?: string, line?: boolean, view: (text: string, ticket: object) => Node, complete?: any,
   *   attempt: (what: string, run: (force: boolean) => Promise<any>) => Promise<any>}} options
   *   `line`: a text of one line. `view` shows the text. `attempt` runs a change and shows a refusal.
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
      const kept = draft(this.#name(ticket.id));
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

  #name(id) {
    return `${id}:${this.#options.field}`;
  }

  #view() {
    const { title, empty, view, line } = this.#options;
    this.#shown = this.#text;
    const edit = el(
      "button",
      {
        class: "button plain small edit",
        type: "button",
        "aria-label": `Edit the ${title.toLowerCase()}`,
        onclick: () => this.edit(),
      },
      icon("edit"),
      line ? null : "Edit",
    );
    if (line) return refill(this.element, () => [view(this.#text, this.#ticket), edit]);
    const none = el("button", { class: "nothing", type: "button", onclick: () => this.edit() }, icon("add"), empty);
    const head = el("header", { class: "section-head" }, el("h3", {}, title), this.#text && edit);
    refill(this.element, () => (this.#text ? [head, view(this.#text, this.#ticket)] : none));
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
    input.dir = "auto";
    const preview = line ? null : previewOf(input, this.#ticket.board_id);
    const { id } = this.#ticket;
    const files = line ? null : fileInputOfText(input, () => id);
    const notice = el("div", { class: "conflict", role: "alert", hidden: true });
    const save = el("button", { class: "button primary small", type: "submit" }, "Save");
    const cancel = el("button", { class: "button plain small", type: "button", onclick: () => this.#end() }, "Cancel");
    const form = el(
      "form",
      { class: "text-form" },
      notice,
      input,
      line ? null : completeIn(input, this.#options.complete),
      preview?.element,
      files?.list,
      el(
        "div",
        { class: "row" },
        save,
        preview?.button,
        files?.button,
        cancel,
        el("span", { class: "muted hint" }, line ? "" : "Markdown; Ctrl Enter saves"),
      ),
    );
    this.#editing = { id: this.#ticket.id, input, notice, base, version, saving: false, by: null };
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
    const { id, input, base, version } = this.#editing;
    if (input.value === base) dropDraft(this.#name(id));
    else keepDraft(this.#name(id), { text: input.value, base, version });
  }

  #key(event, form) {
    if (isComposing(event) || event.defaultPrevented) return;
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
    const editing = this.#editing;
    const text = editing.input.value;
    if (editing.saving) return;
    if (text === editing.base && text === this.#text) return this.#end();
    editing.saving = true;
    await this.#options.attempt(`The ${this.#options.title.toLowerCase()} is not saved`, async (force) => {
      const saved = await this.#send(editing, text, force);
      if (saved) this.#saved(saved, text);
      return saved;
    });
    editing.saving = false;
    if (editing === this.#editing) this.#compare();
  }

  /** The ticket as it is then; null where somebody else has changed the text, which is shown. */
  async #send(editing, text, force) {
    const { field } = this.#options;
    const send = (version) =>
      patch(`/api/tickets/${editing.id}`, { [field]: text }, { version, query: force ? { force: true } : {} });
    try {
      return await send(editing.version);
    } catch (error) {
      if (error.type !== "version-conflict") throw error;
      const { current, changed } = error.problem;
      const theirs = changed.findLast((change) => change.field === field);
      if (!theirs) return send(current.version);
      editing.by = theirs.by;
      this.#learn(current);
      return null;
    }
  }

  /** A text was saved: the editor closes, unless more was written into it meanwhile, which goes on from there. */
  #saved(ticket, text) {
    const name = this.#name(ticket.id);
    const open = this.#editing?.id === ticket.id ? this.#editing : null;
    const written = open ? open.input.value : (draft(name)?.text ?? text);
    const next = { base: ticket[this.#options.field] ?? "", version: ticket.version };
    this.#learn(ticket);
    if (written !== text) keepDraft(name, { text: written, ...next });
    else dropDraft(name);
    if (!open) return;
    if (written === text) return this.#end();
    Object.assign(open, next);
    this.#compare();
  }

  /** Take in how the ticket is, where it is still the one that is shown. */
  #learn(ticket) {
    if (this.#ticket.id === ticket.id) this.#ticket = { ...this.#ticket, ...ticket };
  }

  #end() {
    const here = this.element.contains(document.activeElement);
    dropDraft(this.#name(this.#ticket.id));
    this.#editing = null;
    this.#shown = undefined;
    this.#view();
    if (here) this.element.querySelector("button")?.focus();
  }

  /** Where the text has changed since the editor was opened, show what it is now. */
  #compare() {
    const { notice, base, input, saving, by } = this.#editing;
    const theirs = this.#text;
    if (saving) return; // the change may be one's own
    if (theirs === base) {
      notice.hidden = true;
      return;
    }
    if (input.value === base || input.value === theirs) return this.#goOn(theirs, theirs); // nothing of one's own
    const choose = (text) => () => {
      this.#goOn(theirs, text ?? input.value);
      input.focus();
    };
    fill(
      notice,
      el("p", {}, el("strong", {}, by ?? this.#ticket.updated_by), " changed this while you were writing. Theirs:"),
      el("pre", { class: "theirs" }, theirs || "(nothing)"),
      el(
        "div",
        { class: "row" },
        el("button", { class: "button small", type: "button", onclick: choose() }, "Keep mine"),
        el("button", { class: "button plain small", type: "button", onclick: choose(theirs) }, "Take theirs"),
      ),
      el("p", { class: "muted" }, "Yours:"),
    );
    notice.hidden = false;
  }

  /** Go on from their text, with another one in the editor, or the same. */
  #goOn(theirs, text) {
    const { input, notice } = this.#editing;
    Object.assign(this.#editing, { base: theirs, version: this.#ticket.version, by: null });
    if (input.value !== text) input.value = text;
    notice.hidden = true;
    this.#keep();
  }
}
