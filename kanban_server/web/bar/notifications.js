/** Notes of the system, for what concerns the user while they look elsewhere. Off until they are asked for. */

import { address } from "../lib/base.js";
import { keep, setting } from "../lib/settings.js";
import { userName } from "../lib/user.js";

/** Whether the browser has notifications at all. */
export const mayNotify = () => "Notification" in window;

/** Whether the user wants them, and the browser lets them through. */
export const notifying = () => mayNotify() && setting("notifications") === "on" && Notification.permission === "granted";

/** Switch them on, which asks the browser, or off. */
export const setNotifying = async (on) => {
  keep("notifications", on ? "on" : null);
  if (on && Notification.permission === "default") await Notification.requestPermission();
};

/** Notify of an event that concerns the user: a mention, or a ticket that somebody gave them. */
export const notifyOf = (event, title) => {
  if (!notifying() || event.actor === userName()) return;
  const text = concerning(event, userName());
  if (!text) return;
  const id = event.data.ticket_id ?? event.data.id;
  const note = new Notification(title ?? `#${id}`, { body: text, tag: `${event.board_id}-${id}`, icon: address("/web/icon.svg").href });
  note.onclick = () => {
    window.focus();
    note.close();
  };
};

/** What an event says to a user; null where it does not concern them. */
const concerning = ({ event, actor, data }, name) => {
  if (event === "comment_added" && data.mentions?.includes(name)) return `${actor} mentions you: ${data.text.slice(0, 140)}`;
  const assigned = event === "ticket_created" ? data.assignee : event === "ticket_updated" && data.changes?.assignee?.to;
  return assigned === name ? `${actor} assigned you #${data.id}` : null;
};
