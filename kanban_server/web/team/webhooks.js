/** The webhooks of a board: where its events are posted, and how that goes. */

import { get, post, remove } from "../lib/api.js";
import { confirm } from "../controls/confirm.js";
import { openDialog } from "../controls/dialog.js";
import { el, fill } from "../lib/el.js";
import { actionButton, field, secretBox, table } from "../lib/page-parts.js";
import { ago } from "../model/time.js";

export class Webhooks {
  element = el("div");
  #board;

  constructor(board) {
    this.#board = board;
  }

  async load() {
    try {
      const hooks = await get(`/api/boards/${this.#board}/webhooks`);
      const { seq } = await get(`/api/boards/${this.#board}/snapshot`, { query: { bodies: false } });
      this.#draw(hooks, seq);
    } catch (error) {
      fill(this.element, el("p", { class: "muted" }, error.message));
    }
  }

  /** Ask for an address, and add it. */
  add() {
    const url = el("input", { class: "input", type: "url", maxlength: 2000, placeholder: "https://ci.example/kanban" });
    const events = el("input", { class: "input", placeholder: "All events", spellcheck: "false" });
    const submit = async () => {
      const names = events.value.split(/[\s,]+/).filter(Boolean);
      const { secret } = await this.#post({ url: url.value.trim(), events: names });
      await this.load();
      const note = "It signs each delivery, and is shown this once.";
      if (secret)
        openDialog("The secret of the webhook", [el("p", { class: "muted" }, note), secretBox("Secret", secret)], {
          does: "Done",
          submit: async () => true,
        });
      return true;
    };
    const content = [field("Address", url), field("Events, for example ticket_moved", events)];
    openDialog("Add a webhook", content, { does: "Add", submit });
  }

  /** A refused address is shown with what to do about it. */
  async #post(body) {
    try {
      return await post(`/api/boards/${this.#board}/webhooks`, body);
    } catch (error) {
      throw new Error([error.message, error.problem?.fix].filter(Boolean).join(" "));
    }
  }

  #draw(hooks, seq) {
    const rows = hooks.map((hook) => [
      el("code", {}, hook.url),
      hook.events.join(", ") || "all events",
      this.#deliveries(hook, seq),
      this.#removeButton(hook),
    ]);
    const none = el(
      "p",
      { class: "muted" },
      "No webhooks. A program that can't keep a connection open is told of events by one.",
    );
    fill(this.element, hooks.length ? table(["Address", "Events", "Deliveries", ""], rows) : none);
  }

  /** How far the deliveries are, and what is wrong with them. */
  #deliveries({ cursor, failing_since: since, problem, disabled_at: disabled }, seq) {
    const delivered = Number(/\d+$/.exec(cursor)?.[0] ?? 0);
    const behind = Math.max(0, seq - delivered);
    const progress = behind ? `up to event ${delivered}, ${behind} to go` : `all ${delivered} events`;
    if (disabled) return el("span", { class: "wrong" }, `disabled ${ago(disabled)}: ${problem ?? ""}; ${progress}`);
    if (since) return el("span", { class: "wrong" }, `failing since ${ago(since)}: ${problem ?? ""}; ${progress}`);
    return el("span", { class: "good" }, progress);
  }

  #removeButton({ id, url }) {
    const run = async () => {
      const question = { title: "Remove this webhook?", text: `Nothing more is posted to ${url}.`, button: "Remove" };
      if ((await confirm({ ...question, danger: true })) === null) return;
      await remove(`/api/boards/${this.#board}/webhooks/${id}`);
      await this.load();
    };
    const button = actionButton("Remove", run, "small");
    button.setAttribute("aria-label", `Remove ${url}`);
    return button;
  }
}
