/**
 * The mentions and questions that the user has not read. The server keeps one place for each board, up to which all is
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
    const read = readEarly().add(item.comment_id);
    keepReadEarly(read);
    const cursors = {};
    for (const board of new Set(this.#all.map(({ board_id: id }) => id))) {
      for (const { board_id: id, comment_id: comment, seq } of this.#all) {
        if (id !== board) continue;
        if (!read.has(comment)) break;
        cursors[board] = String(seq);
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
    const ids = new Set(items.map(({ comment_id: id }) => id));
    keepReadEarly(new Set([...read].filter((id) => ids.has(id))));
    this.#all = items;
    this.#total = total;
    this.items = items.filter(({ comment_id: id }) => !read.has(id));
    this.count = total - (items.length - this.items.length);
    setUnread(this.count);
    this.dispatchEvent(new Event("change"));
  }
}

const name = () => `inbox-read:${userName()}`;

const readEarly = () => new Set(JSON.parse(setting(name(), "[]")));

const keepReadEarly = (ids) => keep(name(), ids.size ? JSON.stringify([...ids]) : null);

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
