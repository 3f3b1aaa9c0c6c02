/** The stream of all boards, as a state machine: events are news, and after a gap the boards are read again. */

import { Feed } from "./feed.js";

/** Its rules for coming back are those of one board's feed. It has no cursor: it begins now, each time. */
export class AllBoards extends Feed {
  constructor() {
    super(null, "now");
  }

  query() {
    return {};
  }

  /** The event, where the message is one of a board; null for what else the server says. */
  receive(message) {
    super.receive(message);
    if (!("board_id" in message) || message.event === "error") return null;
    this.attempts = 0;
    return message;
  }
}
