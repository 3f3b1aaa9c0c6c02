/** What a ticket waits for, what waits for it, what it is part of, its parts, and its links to other sites. */

import { patch, post } from "../lib/api.js";
import { combobox } from "../controls/combobox.js";
import { el, refill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { href } from "../lib/navigation.js";
import { suggestTickets } from "../controls/suggestions.js";
import { boardPath } from "../model/route.js";

export class Relations {
  element = el("div", { class: "relations" });
  #attempt;
  #live = null;
  #ticket = null;
  #shown = null;
  #fields = null;

  constructor(attempt) {
    this.#attempt = attempt;
  }

  show(ticket, live, query) {
    if (ticket.id !== this.#ticket?.id) this.#fields = this.#newFields(ticket.id);
    this.#ticket = ticket;
    this.#live = live;
    const { facts, board } = live;
    const blockers = (ticket.blocked_by ?? []).map((id) => this.#known(id));
    const waiting = facts.waiting(ticket).map((one) => this.#known(one.id));
    const parts = facts.children(ticket).map((one) => this.#known(one.id));
    const parent = ticket.parent ? this.#known(ticket.parent) : null;
    const key = JSON.stringify([ticket.id, query, blockers, waiting, parts, parent, ticket.links, board.board.id]);
    if (key === this.#shown) return;
    this.#shown = key;
    const link = (one, remove) => this.#link(one, query, remove);
    const { id } = ticket;
    refill(this.element, () => [
      group(
        "Waits for",
        blockers.map((one) => link(one, () => this.#unblock(id, one.id))),
        this.#fields.blocker,
      ),
      waiting.length
        ? group(
            "Holds up",
            waiting.map((one) => link(one)),
          )
        : null,
      group(
        "Part of",
        parent ? [link(parent, () => this.#setParent(id, null))] : [],
        parent ? null : this.#fields.parent,
      ),
      group(
        parts.length ? `Parts (${parts.filter((one) => one.done).length} of ${parts.length} done)` : "Parts",
        parts.map((one) => link(one)),
        this.#fields.part,
      ),
      group(
        "Links",
        (ticket.links ?? []).map((one) => this.#outward(id, one)),
        this.#fields.link,
      ),
    ]);
  }

  #known(id) {
    const ticket = this.#live.board.tickets.get(id);
    return {
      id,
      title: ticket?.title ?? null,
      done: !ticket || this.#live.facts.done(ticket),
      column: ticket?.current_column,
    };
  }

  #link({ id, title, done, column }, query, remove) {
    return el(
      "li",
      { class: done ? "done" : "" },
      icon(done ? "check" : "clock"),
      el(
        "a",
        { href: href(boardPath(this.#live.id, id, query)), title: column ? `In ${column}` : "No longer on the board" },
        el("span", { class: "number" }, `#${id}`),
        ` ${title ?? "(not on the board)"}`,
      ),
      remove &&
        el(
          "button",
          { class: "button plain square small", type: "button", "aria-label": `Remove #${id}`, onclick: remove },
          icon("close"),
        ),
    );
  }

  #outward(id, { kind, ref }) {
    const web = /^https?:\/\//.test(ref);
    const text = kind === "commit" && !web ? ref.slice(0, 12) : ref.replace(/^https?:\/\//, "");
    return el(
      "li",
      {},
      icon("link"),
      web ? el("a", { href: ref, target: "_blank", rel: "noopener nofollow" }, text) : el("code", {}, text),
      el(
        "button",
        {
          class: "button plain square small",
          type: "button",
          "aria-label": `Remove the link ${text}`,
          onclick: () => this.#changeLinks(id, { remove: [ref] }),
        },
        icon("close"),
      ),
    );
  }

  /** The fields in which one writes, made once for a ticket: what is written stays, whatever is drawn around them. */
  #newFields(id) {
    return {
      blocker: this.#picker("Add a ticket it waits for", (other) => this.#block(id, other)),
      parent: this.#picker("Add it to a larger ticket", (other) => this.#setParent(id, other)),
      part: this.#partForm(id),
      link: this.#linkForm(id),
    };
  }

  #linkForm(id) {
    const input = el("input", {
      class: "input small",
      placeholder: "Add an address or a commit",
      "aria-label": "Add an address or a commit",
      maxlength: 2000,
      autocomplete: "off",
    });
    const add = async (event) => {
      event.preventDefault();
      const ref = input.value.trim();
      if (ref && (await this.#changeLinks(id, { add: [ref] })) && input.value.trim() === ref) input.value = "";
    };
    return el("form", { class: "pick", onsubmit: add }, input);
  }

  #partForm(parent) {
    const input = el("input", {
      class: "input small",
      placeholder: "Add a part",
      "aria-label": "Add a part",
      maxlength: 200,
      dir: "auto",
      autocomplete: "off",
    });
    const add = async (event) => {
      event.preventDefault();
      const title = input.value.trim();
      if (!title) return;
      input.value = "";
      const body = { title, board_id: this.#live.id, parent };
      if (!(await this.#change("The part is not added", (query) => post("/api/tickets", body, { query }))))
        input.value = title;
    };
    return el("form", { class: "pick", onsubmit: add }, input);
  }

  #picker(label, pick) {
    const { element } = combobox({
      label,
      placeholder: label,
      class: "small",
      suggest: (text) => suggestTickets(this.#live, text, this.#ticket.id),
      take: (value, input) => {
        input.value = input.defaultValue = "";
        input.blur();
        pick(Number(value));
      },
    });
    return element;
  }

  #block(id, other) {
    return this.#change("It does not wait for that", (query) =>
      post(`/api/tickets/${id}/block`, { on: [other] }, { query }),
    );
  }

  #unblock(id, other) {
    return this.#change("It still waits for that", (query) =>
      post(`/api/tickets/${id}/unblock`, { on: [other] }, { query }),
    );
  }

  #setParent(id, parent) {
    return this.#change("Its parent is as it was", (query) => patch(`/api/tickets/${id}`, { parent }, { query }));
  }

  #changeLinks(id, change) {
    return this.#change("The links are as they were", (query) => post(`/api/tickets/${id}/links`, change, { query }));
  }

  #change(failed, run) {
    return this.#attempt(failed, (force) => run(force ? { force: true } : {}));
  }
}

/** A group without items is its field alone. */
const group = (title, items, form = null) =>
  el(
    "section",
    { class: items.length ? "" : "vacant" },
    el("h3", { class: items.length ? "" : "unseen" }, title),
    items.length ? el("ul", {}, items) : null,
    form,
  );
