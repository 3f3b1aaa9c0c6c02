/** The open ticket, beside the board or over the whole page, at an address of its own. */

import { copyLink } from "../cards/card-menu.js";
import { patch, post, remove } from "../lib/api.js";
import { confirm } from "../controls/confirm.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { href } from "../lib/navigation.js";
import { outbox } from "../lib/outbox.js";
import { keep, setting } from "../lib/settings.js";
import { completionsOf } from "../controls/suggestions.js";
import { attempt } from "../live/attempt.js";
import { TicketDetails } from "../live/ticket-details.js";
import { boardPath } from "../model/route.js";
import { withTask } from "../model/tasks.js";
import { Activity } from "./activity.js";
import { ClaimBox } from "./claim-box.js";
import { criteriaList } from "./criteria-list.js";
import { FileList } from "./file-list.js";
import { markdown } from "./markdown.js";
import { Properties } from "./properties.js";
import { Relations } from "./relations.js";
import { TextField } from "./text-field.js";
import { WatchButton } from "./watch-button.js";

const TICK = 1000;

class TicketPanel extends HTMLElement {
  #page;
  #live = null;
  #details = null;
  #id = null;
  #clock = null;
  #drawn = null;
  #wantsComment = false;
  #body = el("div", { class: "panel-body", tabindex: "0" });
  #number = el("span", { class: "panel-id number" });
  #section = null;
  #attempt = (failed, run) => attempt(failed, run, this.#live.now());
  #complete = (sign, text) => completionsOf(this.#live)(sign, text);
  #title = new TextField({
    field: "title",
    title: "Title",
    line: true,
    attempt: this.#attempt,
    view: (text) => el("h2", { id: "ticket-title", dir: "auto" }, text),
  });
  #description = new TextField({
    field: "description",
    title: "Description",
    empty: "Write a description",
    attempt: this.#attempt,
    complete: this.#complete,
    view: (text, ticket) =>
      markdown(text, { board: ticket.board_id, tick: (number, done) => this.#tick(number, done) }),
  });
  #criteria = new TextField({
    field: "acceptance_criteria",
    title: "Acceptance criteria",
    empty: "Say when it is done, one criterion a line",
    attempt: this.#attempt,
    complete: this.#complete,
    view: (text, ticket) => criteriaList(text, ticket, this.#attempt),
  });
  #properties = new Properties(() => this.#page.actions());
  #claim = new ClaimBox(this.#attempt);
  #relations = new Relations(this.#attempt);
  #files = new FileList(this.#attempt);
  #watch = new WatchButton();
  #activity = new Activity({
    add: (id, text) => this.#comment(id, text),
    edit: (id, text) =>
      this.#say("Your comment is as it was", () => this.#known(patch(`/api/comments/${id}`, { text }))),
    remove: (id) => this.#say("Your comment is still there", () => remove(`/api/comments/${id}`)),
  });

  /** @param page has `close()`, `query()`, `actions()` and `next(step)`. */
  begin(page) {
    this.#page = page;
    this.hidden = true;
    const button = (glyph, title, onclick, more = "") =>
      el(
        "button",
        { class: `button plain square ${more}`, type: "button", "aria-label": title, title, onclick },
        icon(glyph),
      );
    const head = el(
      "header",
      { class: "panel-head" },
      this.#number,
      button("up", "Previous ticket ([)", () => page.next(-1)),
      button("down", "Next ticket (])", () => page.next(1)),
      el("span", { class: "grow" }),
      this.#watch.element,
      button("copy", "Copy the link", () => copyLink(this.#live.id, this.#id)),
      button("trash", "Delete the ticket", () => this.#delete()),
      button("expand", "Whole page", () => this.#expand(), "panel-expand"),
      button("close", "Close (Esc)", () => page.close()),
    );
    this.#section = el(
      "section",
      { class: "panel", role: "region", "aria-labelledby": "ticket-title", tabindex: "-1" },
      head,
      this.#body,
      this.#activity.form,
    );
    this.classList.toggle("whole", setting("ticket-page") !== null);
    this.#files.takeFrom(this.#section);
    fill(this, this.#section);
    outbox.addEventListener("change", () => this.#details?.state === "here" && this.#draw());
  }

  disconnectedCallback() {
    this.#leave();
  }

  /** Show a ticket of a board; null closes the panel. */
  show(live, id) {
    this.#live = live;
    if (id === this.#id && this.#details) return this.#draw();
    this.#leave();
    this.#id = id;
    this.hidden = id === null;
    if (id === null) return;
    this.#details = new TicketDetails(id);
    this.#details.addEventListener("change", () => this.#draw());
    this.#clock = setInterval(() => this.#drawTimes(), TICK);
    this.#number.textContent = `#${id}`;
    this.#watch.show(id);
    this.#drawn = null;
    this.#draw();
    this.#body.scrollTop = 0;
    this.#section.focus({ preventScroll: true });
  }

  /** Take in events of the board. */
  receive(events) {
    if (!this.#details) return;
    this.#details.receive(events);
    if (this.#details.state === "here") this.#draw();
  }

  /** Move the focus to the field for a comment, once the ticket is here. */
  comment() {
    this.#wantsComment = true;
    this.#draw();
  }

  #leave() {
    clearInterval(this.#clock);
    this.#details?.close();
    this.#details = null;
    this.#id = null;
  }

  #draw() {
    if (!this.#details) return;
    const { state, ticket } = this.#details;
    const elsewhere = ticket && ticket.board_id !== this.#live.id;
    const shows = elsewhere ? "elsewhere" : state;
    if (this.#drawn !== shows) {
      this.#drawn = shows;
      this.#activity.form.hidden = shows !== "here";
      fill(this.#body, this.#frame(shows));
    }
    if (shows === "deleted") this.#activity.showPast(this.#details.history, this.#live);
    if (shows !== "here") return;
    this.#title.show(ticket);
    this.#claim.show(ticket, this.#live.leases, this.#live.facts.done(ticket));
    this.#properties.show(ticket, this.#live);
    this.#description.show(ticket);
    this.#criteria.show(ticket);
    this.#files.show(ticket);
    this.#relations.show(ticket, this.#live, this.#page.query());
    this.#activity.show(this.#details, this.#live);
    if (this.#wantsComment) this.#activity.write();
    this.#wantsComment = false;
  }

  #frame(shows) {
    const note = (title, ...more) => el("div", { class: "empty" }, el("h2", { id: "ticket-title" }, title), ...more);
    const button = (title, onclick, glyph = null) =>
      el("button", { class: "button", type: "button", onclick }, glyph && icon(glyph), title);
    const details = this.#details;
    const restore = () => this.#restore();
    switch (shows) {
      case "loading": {
        const title = el("h2", { class: "unseen", id: "ticket-title" }, `Ticket ${this.#id}`);
        return el("div", { class: "panel-loading", "aria-busy": "true" }, title);
      }
      case "missing":
        return note(`There is no ticket ${this.#id}`);
      case "failed":
        return note(
          "The ticket can't be read just now",
          el("p", {}, details.error.message),
          button("Try again", () => details.reload()),
        );
      case "elsewhere": {
        const path = href(boardPath(details.ticket.board_id, this.#id));
        return note("This ticket is on another board", el("a", { class: "button", href: path }, "Go there"));
      }
      case "deleted":
        return [note("This ticket was deleted", button("Restore it", restore, "restore")), this.#activity.element];
    }
    const archived =
      details.ticket.archived_at &&
      el("div", { class: "archived" }, "This ticket is archived.", button("Restore it", restore, "restore"));
    return [
      archived,
      this.#title.element,
      this.#claim.element,
      this.#properties.element,
      this.#description.element,
      this.#criteria.element,
      this.#files.element,
      this.#relations.element,
      this.#activity.element,
    ].filter(Boolean);
  }

  #drawTimes() {
    if (this.#drawn !== "here") return;
    this.#claim.tick();
    this.#activity.tick();
  }

  async #say(failed, run) {
    return (await this.#attempt(failed, run)) !== null;
  }

  /** Send a comment. One that waits for a connection counts as sent; where it is refused later, its text comes back. */
  async #comment(id, text) {
    const sent = this.#say("Your comment is not sent", () =>
      this.#known(post("/api/comments", { ticket_id: id, text })),
    );
    const waits = outbox.whenWaiting(({ path, body }) => path === "/api/comments" && body.text === text);
    sent.then((worked) => worked || this.#activity.putBack(id, text));
    return Promise.race([sent, waits]);
  }

  /** Show a comment as the answer has it, before its event is here. */
  async #known(answer) {
    const details = this.#details;
    const comment = await answer;
    if (comment.ticket_id === details?.id) details.add(comment);
    return comment;
  }

  async #tick(number, done) {
    const { id, description, version } = this.#details.ticket;
    const text = withTask(description, number, done);
    if (text === null) return;
    await this.#attempt("The task is not ticked", (force) =>
      patch(`/api/tickets/${id}`, { description: text }, { version, query: force ? { force: true } : {} }),
    );
    this.#details?.reload();
  }

  #expand() {
    const on = this.classList.toggle("whole");
    keep("ticket-page", on ? "1" : null);
  }

  async #delete() {
    const id = this.#id;
    const question = { title: `Delete #${id}?`, text: "It leaves the board. It can be restored.", button: "Delete" };
    if ((await confirm({ ...question, danger: true })) === null) return;
    if (await this.#page.actions().delete([id])) this.#page.close();
  }

  async #restore() {
    const id = this.#id;
    const restored = await this.#page.actions().restore(id);
    if (restored && this.#details?.id === id) this.#details.reload();
  }
}

customElements.define("ticket-panel", TicketPanel);
