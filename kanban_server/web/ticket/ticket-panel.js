/** The open ticket, beside the board, at an address of its own. */

import { patch, post, remove } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../lib/icons.js";
import { href } from "../lib/navigation.js";
import { toast } from "../lib/toast.js";
import { OpenTicket } from "../live/open-ticket.js";
import { overridable, why } from "../live/moves.js";
import { boardPath } from "../model/route.js";
import { ask } from "./ask.js";
import { ClaimBox } from "./claim-box.js";
import { criteriaList } from "./criteria-list.js";
import { FactsForm } from "./facts-form.js";
import { markdown } from "./markdown.js";
import { Relations } from "./relations.js";
import { Story } from "./story.js";
import { TextField } from "./text-field.js";

const EACH = 1000;

class TicketPanel extends HTMLElement {
  #page;
  #live = null;
  #open = null;
  #id = null;
  #clock = null;
  #drawn = null;
  #body = el("div", { class: "panel-body" });
  #number = el("span", { class: "panel-id number" });
  #attempt = (what, run) => this.#try(what, run);
  #title = new TextField({
    field: "title",
    title: "Title",
    line: true,
    attempt: this.#attempt,
    view: (text) => el("h2", { id: "ticket-title" }, text),
  });
  #description = new TextField({
    field: "description",
    title: "Description",
    empty: "Write a description",
    attempt: this.#attempt,
    view: (text) => markdown(text),
  });
  #criteria = new TextField({
    field: "acceptance_criteria",
    title: "Acceptance criteria",
    empty: "Say when it is done, one criterion a line",
    attempt: this.#attempt,
    view: (text, ticket) => criteriaList(text, ticket, this.#attempt),
  });
  #facts = new FactsForm(this.#attempt, (id, target) => this.#page.move(id, target));
  #claim = new ClaimBox(this.#attempt);
  #relations = new Relations(this.#attempt);
  #story = new Story({
    add: (id, text) =>
      this.#say("Your comment is not sent", () => this.#known(post("/api/comments", { ticket_id: id, text }))),
    edit: (id, text) =>
      this.#say("Your comment is as it was", () => this.#known(patch(`/api/comments/${id}`, { text }))),
    remove: (id) => this.#say("Your comment is still there", () => remove(`/api/comments/${id}`)),
  });

  /** @param page gives `close()`, `query()` and `move(id, target)`. */
  begin(page) {
    this.#page = page;
    this.hidden = true;
    const act = (name, title, onclick, more = "") =>
      el(
        "button",
        { class: `button plain square ${more}`, type: "button", "aria-label": title, title, onclick },
        icon(name),
      );
    const head = el(
      "header",
      { class: "panel-head" },
      this.#number,
      el("span", { class: "grow" }),
      act("copy", "Copy the link", () => this.#copy()),
      act("trash", "Delete the ticket", () => this.#delete()),
      act("close", "Close (Esc)", () => page.close()),
    );
    fill(
      this,
      el(
        "section",
        { class: "panel", role: "region", "aria-labelledby": "ticket-title", tabindex: "-1" },
        head,
        this.#body,
      ),
    );
  }

  disconnectedCallback() {
    this.#leave();
  }

  /** Show a ticket of a board; null closes the panel. */
  show(live, id) {
    this.#live = live;
    if (id === this.#id && this.#open) return this.#draw();
    this.#leave();
    this.#id = id;
    this.hidden = id === null;
    if (id === null) return;
    this.#open = new OpenTicket(id);
    this.#open.addEventListener("change", () => this.#draw());
    this.#clock = setInterval(() => this.#tick(), EACH);
    this.#number.textContent = `#${id}`;
    this.#drawn = null;
    this.#draw();
    /** @type {HTMLElement} */ (this.querySelector(".panel")).focus({ preventScroll: true });
  }

  /** Something happened on the board. */
  hear(events) {
    if (!this.#open) return;
    this.#open.hear(events);
    if (this.#open.state === "here") this.#draw();
  }

  #leave() {
    clearInterval(this.#clock);
    this.#open?.close();
    this.#open = null;
    this.#id = null;
  }

  #draw() {
    const { state, ticket } = this.#open;
    const elsewhere = ticket && ticket.board_id !== this.#live.id;
    const shows = elsewhere ? "elsewhere" : state;
    if (this.#drawn !== shows) {
      this.#drawn = shows;
      fill(this.#body, this.#frame(shows));
    }
    if (shows === "deleted") this.#story.showPast(this.#open.history, this.#live.id);
    if (shows !== "here") return;
    this.#title.show(ticket);
    this.#claim.show(ticket, this.#live.leases, this.#live.facts.done(ticket));
    this.#facts.show(ticket, this.#live);
    this.#description.show(ticket);
    this.#criteria.show(ticket);
    this.#relations.show(ticket, this.#live, this.#page.query());
    this.#story.show(this.#open, this.#live.id);
  }

  #frame(shows) {
    const note = (title, ...more) => el("div", { class: "empty" }, el("h2", { id: "ticket-title" }, title), ...more);
    if (shows === "loading")
      return el(
        "div",
        { class: "panel-loading", "aria-busy": "true" },
        el("h2", { class: "unseen", id: "ticket-title" }, `Ticket ${this.#id}`),
      );
    if (shows === "missing") return note(`There is no ticket ${this.#id}`);
    if (shows === "failed")
      return note(
        "The ticket can't be read just now",
        el("p", {}, this.#open.error.message),
        el("button", { class: "button", type: "button", onclick: () => this.#open.reload() }, "Try again"),
      );
    if (shows === "elsewhere")
      return note(
        "This ticket is on another board",
        el("a", { class: "button", href: href(boardPath(this.#open.ticket.board_id, this.#id)) }, "Go there"),
      );
    if (shows === "deleted")
      return [
        note(
          "This ticket was deleted",
          el(
            "button",
            { class: "button primary", type: "button", onclick: () => this.#restore() },
            icon("restore"),
            "Restore it",
          ),
        ),
        this.#story.element,
      ];
    const archived =
      this.#open.ticket.archived_at &&
      el(
        "div",
        { class: "archived" },
        "This ticket is archived.",
        el(
          "button",
          { class: "button small", type: "button", onclick: () => this.#restore() },
          icon("restore"),
          "Restore it",
        ),
      );
    return [
      archived,
      this.#title.element,
      this.#claim.element,
      this.#facts.element,
      this.#description.element,
      this.#criteria.element,
      this.#relations.element,
      this.#story.element,
    ].filter(Boolean);
  }

  #tick() {
    if (this.#drawn !== "here") return;
    this.#claim.tick();
    this.#story.tick();
  }

  /** Run a change; where it is refused, say so, and offer to insist. The answer, or null. */
  async #try(what, run) {
    try {
      return await run(false);
    } catch (error) {
      const insist = { name: "Do it anyway", run: () => this.#try(what, () => run(true)) };
      toast(`${what}: ${why(error, this.#live.now())}`, {
        kind: "bad",
        stays: 12_000,
        action: overridable(error) ? insist : undefined,
      });
      return null;
    }
  }

  async #say(what, run) {
    return (await this.#try(what, run)) !== null;
  }

  /** Show a comment as the answer has it, before its event is here. */
  async #known(answer) {
    const open = this.#open;
    const comment = await answer;
    if (comment.ticket_id === open?.id) open.know(comment);
    return comment;
  }

  async #copy() {
    const url = new URL(href(boardPath(this.#live.id, this.#id)), location.href).href;
    try {
      await navigator.clipboard.writeText(url);
      toast("The link is copied.");
    } catch {
      toast(url);
    }
  }

  async #delete() {
    const id = this.#id;
    const sure = await ask({
      title: `Delete #${id}?`,
      text: "It leaves the board. It can be restored.",
      button: "Delete",
      danger: true,
    });
    if (sure === null) return;
    const gone = await this.#try(`#${id} is not deleted`, (force) =>
      remove(`/api/tickets/${id}`, { query: force ? { force: true } : {} }),
    );
    if (!gone) return;
    this.#page.close();
    toast(`#${id} is deleted.`, { action: { name: "Undo", run: () => this.#restore(id) } });
  }

  async #restore(id = this.#id) {
    const back = await this.#try(`#${id} is not restored`, (force) =>
      post(`/api/tickets/${id}/restore`, {}, { query: force ? { force: true } : {} }),
    );
    if (back && this.#open?.id === id) this.#open.reload();
  }
}

customElements.define("ticket-panel", TicketPanel);
