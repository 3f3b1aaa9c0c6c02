/** How many mentions and questions the user has not read: for the bar, the title and the icon of the page. */

import { get } from "../lib/api.js";
import { mustLogIn } from "../lib/session.js";
import { setUnread } from "../lib/title.js";
import { watchUser } from "../lib/user.js";

const POLL = 30_000;

/** Emits `change` when `count` has changed. */
class Unread extends EventTarget {
  count = 0;

  /** Ask the server. */
  async refresh() {
    if (mustLogIn()) return this.set(0);
    try {
      const { total } = await get("/api/inbox");
      this.set(total);
    } catch {
      // asked again in a moment
    }
  }

  set(count) {
    if (count === this.count) return;
    this.count = count;
    setUnread(count);
    this.dispatchEvent(new Event("change"));
  }
}

export const unread = new Unread();

/** Keep the count up to date: now and then, and when the page is looked at again. */
export const watchInbox = () => {
  const refresh = () => document.hidden || unread.refresh();
  setInterval(refresh, POLL);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("session", refresh);
  watchUser(refresh);
  refresh();
};
