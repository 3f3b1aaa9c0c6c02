/** Who else is on the board, what they look at, and where their pointers are. */

import { userName } from "../lib/user.js";

/** Tells, as events of its own: `change` (of who is here and what they do), `pointer` (with `{username, element, x, y}`). */
export class Presence extends EventTarget {
  /** All who are here, by name: `{username, client, client_id, ticket_id, dragging, holds}`. */
  users = [];
  #live;
  #doing = { ticket_id: null, dragging: null, element: null, x: null, y: null };
  #sent = false;

  constructor(live) {
    super();
    this.#live = live;
    live.addEventListener("message", ({ detail }) => this.#receive(detail));
  }

  /** The others. */
  get others() {
    return this.users.filter((user) => user.username !== userName());
  }

  /** Who else looks at a ticket, or drags it: `[{name, drags}]`. */
  at(id) {
    return this.others
      .filter((user) => user.client_id && (user.ticket_id === id || user.dragging === id))
      .map((user) => ({ name: user.username, drags: user.dragging === id }));
  }

  /** Say what one does: which ticket is open, which one is dragged, where the pointer is. */
  send(doing) {
    this.#doing = { ...this.#doing, ...doing };
    this.#sent = true;
    this.#live.send({ type: "presence", board_id: this.#live.id, ...this.#doing });
  }

  #receive({ event, board_id: board, data }) {
    if (event === "connected" && this.#sent) this.send({}); // a new connection knows nothing of it yet
    if (board !== this.#live.id) return;
    if (event === "presence") {
      this.users = data.users;
      this.dispatchEvent(new CustomEvent("change"));
    } else if (event === "pointer" && data.username !== userName())
      this.dispatchEvent(new CustomEvent("pointer", { detail: data }));
  }
}
