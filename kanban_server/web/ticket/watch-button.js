/** Whether the user watches the ticket: a button that is pressed as long as they do. */

import { get, put, remove } from "../lib/api.js";
import { el } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { attemptQuietly } from "../lib/page-parts.js";

export class WatchButton {
  element = el(
    "button",
    {
      class: "button plain square watch",
      type: "button",
      "aria-label": "Watch the ticket",
      "aria-pressed": "false",
      title: "Watch: comments, and that it is done, come into your inbox",
      onclick: () => this.#toggle(),
    },
    icon("watch"),
  );
  #id = null;
  #watching = false;

  /** Show whether the user watches a ticket. */
  async show(id) {
    this.#id = id;
    this.#draw(false);
    try {
      this.#take(await get(`/api/tickets/${id}/watch`));
    } catch {
      // nobody is logged in, or the ticket is gone: the panel says so
    }
  }

  async #toggle() {
    const path = `/api/tickets/${this.#id}/watch`;
    await attemptQuietly(async () => this.#take(await (this.#watching ? remove(path) : put(path))));
  }

  #take({ ticket_id: id, watching }) {
    if (id === this.#id) this.#draw(watching);
  }

  #draw(watching) {
    this.#watching = watching;
    this.element.setAttribute("aria-pressed", String(watching));
  }
}
