/** The activity of a ticket, oldest first: comments, changes, and who worked on it; and a form for a comment. */

import { avatar } from "../controls/avatar.js";
import { confirm } from "../controls/confirm.js";
import { keepDraft } from "../lib/drafts.js";
import { arrange, el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { outbox } from "../lib/outbox.js";
import { displayName } from "../lib/people.js";
import { completionsOf } from "../controls/suggestions.js";
import { isMine, userName } from "../lib/user.js";
import { ticketHistory } from "../model/ticket-history.js";
import { ago, whole } from "../model/time.js";
import { commentForm } from "./comment-form.js";
import { markdown } from "./markdown.js";
import { sentenceNodes } from "./sentence-nodes.js";

/** Entries that are shown before the user asks for more. */
const SHOWN = 60;

export class Activity {
  element = el("section", { class: "ticket-activity" });
  /** The form for a comment, which is placed by the panel. */
  form = el("footer", { class: "panel-foot", hidden: true });
  #actions;
  #list = el("ol", { class: "activity-list" });
  #earlier = el("button", { class: "button plain small", type: "button" });
  #form = null;
  #only = false;
  #all = false;
  #details = null;
  #live = null;
  #items = new Map();

  /** @param actions has `add(ticket, text)`, `edit(id, text)` and `remove(id)` of comments; each says whether it worked. */
  constructor(actions) {
    this.#actions = actions;
    this.#earlier.addEventListener("click", () => {
      this.#all = true;
      this.#draw();
    });
  }

  /** Show the activity of a ticket (see `TicketDetails`). */
  show(details, live) {
    this.#live = live;
    if (this.#details !== details) {
      this.#details = details;
      this.#all = false;
      this.#items.clear();
      this.#form = commentForm({
        name: `${details.id}:comment`,
        label: "Write a comment",
        button: "Comment",
        send: (text) => this.#actions.add(details.id, text),
        complete: completionsOf(live),
        board: live.id,
        ticket: details.id,
      });
      fill(this.element, this.#head(), this.#earlier, this.#list);
      fill(this.form, this.#form);
    }
    this.#draw();
  }

  /** What became of a ticket that is gone, without comments. */
  showPast(history, live) {
    this.#details = null;
    this.#live = live;
    const items = ticketHistory({ history, comments: [], attempts: [] }).map((item) => this.#line(item));
    fill(this.element, el("h3", {}, "Activity"), el("ol", { class: "activity-list" }, items));
  }

  /** Move the focus to the field for a comment. */
  write() {
    this.#form?.querySelector("textarea").focus();
  }

  /** Put the text of a comment that was refused later back into the form. */
  putBack(id, text) {
    const field = this.#form?.querySelector("textarea");
    if (this.#details?.id !== id || field.value) return keepDraft(`${id}:comment`, { text });
    field.value = text;
    field.dispatchEvent(new Event("input"));
  }

  tick() {
    for (const time of this.element.querySelectorAll("time")) time.textContent = ago(time.dateTime);
  }

  #head() {
    const choice = (title, only) => {
      const onchange = () => {
        this.#only = only;
        this.#draw();
      };
      const input = el("input", { type: "radio", name: "activity", checked: this.#only === only, onchange });
      return el("label", { class: "segment" }, input, el("span", {}, title));
    };
    const legend = el("legend", { class: "unseen" }, "What is shown");
    const choices = el("fieldset", { class: "segments" }, legend, choice("All", false), choice("Comments", true));
    return el("header", { class: "section-head" }, el("h3", {}, "Activity"), choices);
  }

  #draw() {
    if (!this.#details) return;
    const { id, history, comments, ticket } = this.#details;
    const items = ticketHistory({ history, comments, attempts: ticket?.attempts ?? [] }).filter(
      (item) => !this.#only || item.comment,
    );
    const isShown = (item, index) => this.#all || index >= items.length - SHOWN || this.#isEdited(item);
    const shown = items.filter(isShown);
    this.#earlier.hidden = shown.length === items.length;
    this.#earlier.textContent = `Show ${items.length - shown.length} earlier`;
    const waits = (change) => change.waiting && change.path === "/api/comments" && change.body?.ticket_id === id;
    arrange(this.#list, [
      ...shown.map((item) => this.#item(item)),
      ...outbox.changes.filter(waits).map(({ body }) => this.#pending(body.text)),
    ]);
  }

  /** The element of an item, kept as long as it says the same, so that what is edited in it stays. */
  #item(item) {
    const key = JSON.stringify([item, userName()]);
    const known = this.#items.get(item.key);
    if (known && (known.key === key || this.#isEdited(item))) return known.node;
    const node = item.comment ? this.#comment(item.comment) : this.#line(item);
    this.#items.set(item.key, { key, node });
    return node;
  }

  #isEdited(item) {
    return Boolean(this.#items.get(item.key)?.node.querySelector("form"));
  }

  #line({ actor, parts, at }) {
    const nodes = sentenceNodes(parts, this.#live.id);
    return el("li", { class: "activity-line" }, avatar(actor, { hidden: true }), el("p", {}, nodes, " ", when(at)));
  }

  #pending(text) {
    const note = el("span", { class: "muted" }, "waits for a connection");
    const head = el("header", {}, el("strong", {}, userName()), note);
    const body = el("div", { class: "comment-body" }, markdown(text, { board: this.#live.id }));
    const article = el("article", { "aria-label": "Your comment" }, head, body);
    return el("li", { class: "comment pending" }, avatar(userName(), { hidden: true }), article);
  }

  #comment(comment) {
    const { id, author, text, created_at: created, updated_at: updated } = comment;
    const show = (one) => markdown(one, { board: this.#live.id });
    const body = el("div", { class: "comment-body" }, show(text));
    const done = (saved) => {
      const focused = body.contains(document.activeElement);
      fill(body, show(saved));
      this.#items.delete(`c${id}`); // what happened to it meanwhile is shown now
      this.#draw();
      if (focused) this.#items.get(`c${id}`)?.node.querySelector("button")?.focus();
    };
    const edit = () => {
      fill(body, this.#editor(comment, done));
      body.querySelector("textarea").focus();
    };
    const remove = async () => {
      const question = {
        title: "Delete this comment?",
        text: "It can't be brought back.",
        button: "Delete",
        danger: true,
      };
      if ((await confirm(question)) !== null) this.#actions.remove(id);
    };
    const head = el(
      "header",
      {},
      el("strong", { title: author }, displayName(author) ?? author),
      when(created),
      updated && el("span", { class: "muted", title: whole(updated) }, "edited"),
      isMine(author) &&
        el(
          "span",
          { class: "comment-actions" },
          button("edit", "Edit your comment", edit),
          button("trash", "Delete your comment", remove),
        ),
    );
    const article = el("article", { "aria-label": `Comment of ${author}` }, head, body);
    return el("li", { class: "comment", id: `comment-${id}` }, avatar(author, { hidden: true }), article);
  }

  #editor({ id, text }, done) {
    return commentForm({
      name: `${this.#details.id}:comment:${id}`,
      text,
      label: "Your comment",
      button: "Save",
      cancel: () => done(text),
      send: async (written) => {
        const saved = await this.#actions.edit(id, written);
        if (saved) done(written);
        return saved;
      },
      complete: completionsOf(this.#live),
      board: this.#live.id,
      ticket: this.#details.id,
    });
  }
}

const button = (glyph, title, onclick) =>
  el(
    "button",
    { class: "button plain square small", type: "button", "aria-label": title, title, onclick },
    icon(glyph),
  );

const when = (iso) => el("time", { class: "muted", datetime: iso, title: whole(iso) }, ago(iso));
