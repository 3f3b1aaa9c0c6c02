/** The title of the page and its icon, with the number of unread messages. */

import { address } from "./base.js";

let title = "";
let unread = 0;

/** Name what is shown. */
export const setTitle = (text) => {
  title = text;
  show();
};

/** Show how many messages are unread; 0 for none. */
export const setUnread = (count) => {
  if (count === unread) return;
  unread = count;
  show();
  showIcon();
};

const show = () => {
  document.title = `${unread ? `(${unread}) ` : ""}${title} · Agent Kanban`;
};

const showIcon = () => {
  /** @type {HTMLLinkElement} */
  const link = document.querySelector("link[rel=icon]");
  link.href = unread ? `data:image/svg+xml,${encodeURIComponent(WITH_BADGE)}` : address("/web/icon.svg").href;
};

const WITH_BADGE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="#5b5bd6"><rect x="2" y="3" width="4.4" height="14" rx="1.6"/>' +
  '<rect x="7.8" y="3" width="4.4" height="8.6" rx="1.6" opacity=".75"/><circle cx="15.500" cy="5" r="4.500" fill="#e5484d"/></svg>';
