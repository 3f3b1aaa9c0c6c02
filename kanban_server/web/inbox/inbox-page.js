/** Mentions of the user, questions to them, and news of tickets that they watch, answered in place. */

import { post } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { arrange, el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { actionButton, attemptQuietly, emptyState, sheet } from "../lib/page-parts.js";
import { setTitle } from "../lib/title.js";
import { isComposing } from "../lib/typing.js";
import { boardPath } from "../model/route.js";
import { ago, whole } from "../model/time.js";
import { markdown } from "../ticket/markdown.js";
import { keyOf, unread } from "./unread.js";

const POLL = 5_000;

class InboxPage extends HTMLElement {
  #list = el("ol", { class: "inbox-list" });
  #none = emptyState(
    "Nothing waits for you",
    "Mentions of you, questions to you, and news of tickets that you watch appear here.",
  );
  #readAll = actionButton("Mark all as read", () => unread.markAllRead());
  #items = new Map();
  #leave = new AbortController();
  #timer = null;

  connectedCallback() {
    const work = el("a", { class: "button plain", href: href("/my-work") }, "My work");
    fill(this, sheet("Inbox", el("div", { class: "row" }, work, this.#readAll), this.#none, this.#list));
    unread.addEventListener("change", () => this.#draw(), { signal: this.#leave.signal });
    this.#timer = setInterval(() => document.hidden || unread.refresh(), POLL);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#leave.abort();
  }

  show() {
    setTitle("Inbox");
    this.#draw();
    unread.refresh();
  }

  #draw() {
    const { items } = unread;
    this.#none.hidden = items.length > 0;
    this.#readAll.hidden = !items.length;
    const known = (item) =>
      this.#items.get(keyOf(item)) ?? this.#items.set(keyOf(item), inboxItem(item)).get(keyOf(item));
    arrange(this.#list, items.toReversed().map(known));
  }
}

/** What the author does with the ticket. */
const VERBS = { ask: " asks you on ", mention: " mentions you on ", watched: " comments on ", done: " finished " };

const inboxItem = (item) => {
  const { board_id: board, ticket_id: ticket, title, author, text, created_at: at, kind } = item;
  const link = el("a", { href: href(boardPath(board, ticket)), dir: "auto" }, `#${ticket} ${title}`);
  const time = el("time", { class: "muted", datetime: at, title: whole(at) }, ago(at));
  const head = el("header", {}, el("strong", {}, author), VERBS[kind] ?? " writes about ", link, time);
  const body = el(
    "article",
    { "aria-label": `${author} on #${ticket}` },
    head,
    kind === "done" ? null : markdown(text, { board }),
    answerForm(item),
  );
  return el("li", { class: "inbox-item", dataset: { kind } }, avatar(author, { hidden: true }), body);
};

const answerForm = (item) => {
  const { ticket_id: ticket, author, kind } = item;
  const label = { ask: "Answer", done: "Comment" }[kind] ?? "Reply";
  const attributes = {
    class: "input",
    rows: 1,
    dir: "auto",
    placeholder: kind === "done" ? label : `${label} to ${author}`,
    "aria-label": `${label} on #${ticket}`,
  };
  const input = el("textarea", attributes);
  const send = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || input.readOnly) return;
    input.readOnly = true;
    await attemptQuietly(async () => {
      await post("/api/comments", { ticket_id: ticket, text });
      await unread.markRead(item);
    });
    input.readOnly = false;
  };
  input.addEventListener("keydown", (event) => {
    if (!isComposing(event) && event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
  });
  const button = el("button", { class: "button primary small", type: "submit" }, label);
  const done = actionButton("Mark as read", () => unread.markRead(item), "plain small");
  return el("form", { class: "inbox-answer", onsubmit: send }, input, el("div", { class: "row" }, button, done));
};

customElements.define("inbox-page", InboxPage);
