/** What happened to a ticket, in the order in which it did: comments, changes, and who worked on it. */

import { avatar } from "../lib/avatar.js";
import { arrange, el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { isMine, userName } from "../lib/user.js";
import { past } from "../model/past.js";
import { ago, whole } from "../model/time.js";
import { ask } from "./ask.js";
import { commentForm } from "./comment-form.js";
import { markdown } from "./markdown.js";
import { words } from "./words.js";

/** Entries that are shown before one asks for more. */
const SHOWN = 60;

export class Story {
  element = el("section", { class: "story" });
  #acts;
  #list = el("ol", { class: "story-list" });
  #earlier = el("button", { class: "button plain small", type: "button" });
  #only = false;
  #all = false;
  #open = null;
  #items = new Map();

  /** @param acts gives `add(ticket, text)`, `edit(id, text)` and `remove(id)` of comments; each says whether it worked. */
  constructor(acts) {
    this.#acts = acts;
    this.#earlier.addEventListener("click", () => {
      this.#all = true;
      this.#draw();
    });
  }

  /** Show the story of a ticket (see `OpenTicket`). */
  show(open, board) {
    if (this.#open !== open) {
      this.#open = open;
      this.#all = false;
      this.#items.clear();
      const form = commentForm({
        name: `${open.id}:comment`,
        label: "Write a comment",
        button: "Comment",
        send: (text) => this.#acts.add(open.id, text),
      });
      fill(this.element, this.#head(), this.#earlier, this.#list, form);
    }
    this.board = board;
    this.#draw();
  }

  /** Without comments: what became of a ticket that is gone. */
  showPast(history, board) {
    this.#open = null;
    this.board = board;
    fill(
      this.element,
      el("h3", {}, "What happened"),
      el(
        "ol",
        { class: "story-list" },
        past({ history, comments: [], attempts: [] }).map((item) => this.#line(item)),
      ),
    );
  }

  tick() {
    for (const time of this.element.querySelectorAll("time")) time.textContent = ago(time.dateTime);
  }

  #head() {
    const pick = (title, only) =>
      el(
        "label",
        { class: "segment" },
        el("input", { type: "radio", name: "story", checked: this.#only === only, onchange: () => this.#choose(only) }),
        el("span", {}, title),
      );
    return el(
      "header",
      { class: "section-head" },
      el("h3", {}, "Story"),
      el(
        "fieldset",
        { class: "segments" },
        el("legend", { class: "unseen" }, "What is shown"),
        pick("All", false),
        pick("Comments", true),
      ),
    );
  }

  #choose(only) {
    this.#only = only;
    this.#draw();
  }

  #draw() {
    if (!this.#open) return;
    const { history, comments, ticket } = this.#open;
    const items = past({ history, comments, attempts: ticket?.attempts ?? [] }).filter(
      (item) => !this.#only || item.comment,
    );
    const shown = this.#all
      ? items
      : items.filter((item, index) => index >= items.length - SHOWN || this.#isEdited(item));
    this.#earlier.hidden = shown.length === items.length;
    this.#earlier.textContent = `Show ${items.length - shown.length} earlier`;
    arrange(
      this.#list,
      shown.map((item) => this.#item(item)),
    );
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

  #line(item) {
    return el(
      "li",
      { class: "story-line" },
      avatar(item.actor, { hidden: true }),
      el("p", {}, words(item.parts, this.board), " ", when(item.at)),
    );
  }

  #comment(comment) {
    const mine = isMine(comment.author);
    const body = el("div", { class: "comment-body" }, markdown(comment.text));
    const done = (text) => {
      const here = body.contains(document.activeElement);
      fill(body, markdown(text));
      this.#items.delete(`c${comment.id}`); // what was told of it meanwhile is shown now, or once it is told
      this.#draw();
      if (here) this.#items.get(`c${comment.id}`)?.node.querySelector("button")?.focus();
    };
    const edit = () => {
      fill(
        body,
        commentForm({
          name: `${this.#open.id}:comment:${comment.id}`,
          text: comment.text,
          label: "Your comment",
          button: "Save",
          cancel: () => done(comment.text),
          send: async (text) => {
            const saved = await this.#acts.edit(comment.id, text);
            if (saved) done(text);
            return saved;
          },
        }),
      );
      body.querySelector("textarea").focus();
    };
    const remove = async () => {
      const sure = await ask({
        title: "Delete this comment?",
        text: "It can't be brought back.",
        button: "Delete",
        danger: true,
      });
      if (sure !== null) this.#acts.remove(comment.id);
    };
    const act = (name, title, onclick) =>
      el(
        "button",
        { class: "button plain square small", type: "button", "aria-label": title, title, onclick },
        icon(name),
      );
    return el(
      "li",
      { class: "comment", id: `comment-${comment.id}` },
      avatar(comment.author, { hidden: true }),
      el(
        "article",
        { "aria-label": `Comment of ${comment.author}` },
        el(
          "header",
          {},
          el("strong", {}, comment.author),
          when(comment.created_at),
          comment.updated_at && el("span", { class: "muted", title: whole(comment.updated_at) }, "edited"),
          mine &&
            el(
              "span",
              { class: "comment-acts" },
              act("edit", "Edit your comment", edit),
              act("trash", "Delete your comment", remove),
            ),
        ),
        body,
      ),
    );
  }
}

const when = (iso) => el("time", { class: "muted", datetime: iso, title: whole(iso) }, ago(iso));
