/** Notifications of the operating system, for events that concern the user while the page is hidden. Off by default. */

import { unread } from "../inbox/unread.js";
import { address } from "../lib/base.js";
import { el } from "../lib/el.js";
import { session } from "../lib/session.js";
import { keep, setting } from "../lib/settings.js";
import { toast } from "../controls/toast.js";
import { isMine } from "../lib/user.js";
import { visible } from "../model/invisible-characters.js";

/** The most notes that are shown at once. */
const MOST = 5;

/** Whether the browser has notifications at all. */
export const mayNotify = () => "Notification" in window;

/** Whether the user wants them, and the browser lets them through. */
export const notifying = () =>
  mayNotify() && setting("notifications") === "on" && Notification.permission === "granted";

/** Switch them on, which asks the browser, or off. */
export const setNotifying = async (on) => {
  if (on && Notification.permission === "default") await Notification.requestPermission();
  const allowed = Notification.permission === "granted";
  keep("notifications", on && allowed ? "on" : null);
  if (on && !allowed)
    toast("This browser lets no notifications of this page through; its settings can change that.", { kind: "bad" });
};

/**
 * Notify of those events that concern the user: mentions, and tickets that somebody gave them, as far as their profile
 * wants that. Of many at once, only the last few.
 *
 * @param {object[]} events @param {(event: object) => string|undefined} title gives the title of an event's ticket
 */
export const notifyOf = (events, title) => {
  if (events.some(({ event, data }) => event === "comment_added" && data.mentions?.some(isMine))) unread.refresh();
  if (!notifying()) return;
  const concerns = events.map((event) => [event, concerning(event)]).filter(([, text]) => text);
  for (const [event, text] of concerns.slice(-MOST)) notify(event, text, title(event));
};

/** Show an admin's notice to everybody who is connected, where a message of the server is one. */
export const showNotice = ({ event, data }) => {
  if (event === "notice") toast([el("strong", {}, data.by), `: ${data.text}`], { stays: 20_000 });
};

const notify = (event, text, title) => {
  const id = event.data.ticket_id ?? event.data.id;
  const note = new Notification(visible(title ?? `#${id}`), {
    body: visible(text),
    tag: `${event.board_id}-${id}`,
    icon: address("/web/icon.svg").href,
  });
  note.onclick = () => {
    window.focus();
    note.close();
  };
};

/** What an event says to a user; null where it does not concern them. */
const concerning = ({ event, actor, data }) => {
  const wanted = session().user?.notifications ?? "all";
  if (event === "snapshot" || isMine(actor) || wanted === "none") return null;
  if (event === "comment_added" && data.mentions?.some(isMine))
    return `${actor} mentions you: ${data.text.slice(0, 140)}`;
  if (wanted === "mentions") return null;
  const assigned =
    event === "ticket_created" ? data.assignee : event === "ticket_updated" && data.changes?.assignee?.to;
  return assigned && isMine(assigned) ? `${actor} assigned you #${data.id}` : null;
};
