/**
 * The mentions, questions and news of watched tickets that the user has not read. The server keeps one place for each board, up to which all is
 * read; what is read out of order is kept in the browser until everything before it is read too.
 */

import { get, post } from "../lib/api.js";
import { mustLogIn } from "../lib/session.js";
import { keep, setting } from "../lib/settings.js";
import { setUnread } from "../lib/title.js";
import { userName, watchUser } from "../lib/user.js";

const POLL = 30_000;

/** Emits `change` when the items, or their number, may have changed. */
class Unread extends EventTarget {
  /** The first items, oldest first; see `InboxItem` in the wire. */
  items = [];
  /** How many there are in all. */
  count = 0;

  /** Ask the server: once at a time, and once more where that was wanted meanwhile. */
  async refresh() {
    this.#wanted = true;
    if (this.#loading) return;
    this.#loading = true;
    while (this.#wanted) {
      this.#wanted = false;
      await this.#load();
    }
    this.#loading = false;
  }

  async #load() {
    if (mustLogIn()) return this.#take({ items: [], total: 0 });
    try {
      this.#take(await get("/api/inbox"));
    } catch {
      // read again in a moment
    }
  }

  /** Mark an item as read. */
  async markRead(item) {
    const read = readEarly().add(keyOf(item));
    keepReadEarly(read);
    const cursors = {};
    for (const board of new Set(this.#all.map(({ board_id: id }) => id))) {
      for (const item of this.#all) {
        if (item.board_id !== board) continue;
        if (!read.has(keyOf(item))) break;
        cursors[board] = String(item.seq);
      }
    }
    this.#take(
      Object.keys(cursors).length
        ? await post("/api/inbox/read", { cursors })
        : { items: this.#all, total: this.#total },
    );
  }

  /** Mark everything as read. */
  async markAllRead() {
    this.#take(await post("/api/inbox/read", {}));
  }

  #all = [];
  #loading = false;
  #wanted = false;
  #total = 0;

  #take({ items, total }) {
    const read = readEarly();
    const keys = new Set(items.map(keyOf));
    keepReadEarly(new Set([...read].filter((key) => keys.has(key))));
    this.#all = items;
    this.#total = total;
    this.items = items.filter((item) => !read.has(keyOf(item)));
    this.count = total - (items.length - this.items.length);
    setUnread(this.count);
    this.dispatchEvent(new Event("change"));
  }
}

/** What names an item: not every one is a comment. */
export const keyOf = ({ board_id: board, seq }) => `${board}:${seq}`;

const name = () => `inbox-read:${userName()}`;

const readEarly = () => new Set(JSON.parse(setting(name(), "[]")));

const keepReadEarly = (keys) => keep(name(), keys.size ? JSON.stringify([...keys]) : null);

export const unread = new Unread();

/** Keep the items up to date: now and then, and when the page is looked at again. */
export const watchInbox = () => {
  const refresh = () => document.hidden || unread.refresh();
  setInterval(refresh, POLL);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("session", refresh);
  addEventListener("reconnected", refresh); // what was missed meanwhile
  watchUser(refresh);
  refresh();
};
