/** The context menu of a card, or of all selected cards if it is one of them. */

import { el } from "../lib/el.js";
import { menuItem } from "../controls/menu.js";
import { href } from "../lib/navigation.js";
import { toast } from "../controls/toast.js";
import { isMine } from "../lib/user.js";
import { boardPath } from "../model/route.js";

/** @param {number[]} ids @param {() => void} close @param page has `live`, `pickers`, `actions`, `open(id)`, `selection` */
export const cardMenu = (ids, close, { live, pickers, actions, open, selection }) => {
  const [id] = ids;
  const single = ids.length === 1;
  const ticket = live.board.tickets.get(id);
  const mine = ticket?.claim && isMine(ticket.claim.holder);
  const to = (place) => () => actions.moveAll(ids, { column: ticket.current_column, place });
  const item = (glyph, title, run, keys = "") => menuItem(glyph, title, run, close, keys);
  const remove = async () => {
    if (await actions.delete(ids)) selection.clear();
  };
  return [
    single
      ? item("forward", "Open", () => open(id), "Enter")
      : el("p", { class: "muted menu-note" }, `${ids.length} tickets`),
    item("move", "Move to a column", () => pickers.move(ids), "m"),
    single && item("up", "To the top", to("top")),
    single && item("down", "To the bottom", to("bottom")),
    el("hr"),
    item("person", "Assign", () => pickers.assign(ids), "a"),
    item("label", "Label", () => pickers.label(ids), "t"),
    item("warning", "Priority", () => pickers.priority(ids), "p"),
    single && (!ticket.claim || mine) && item("hand", mine ? "Release" : "Claim", () => actions.toggleClaim(id), "w"),
    single && ticket.claim && !mine && item("hand", "Take over", () => actions.claim(id, { takeOver: true })),
    el("hr"),
    item("check", selection.has(id) ? "Take out of the selection" : "Select", () => selection.toggle(id), "x"),
    single && item("copy", "Copy the link", () => copyLink(live.id, id)),
    item("trash", "Delete", remove),
  ];
};

/** Copy the address of a ticket; where the browser does not allow that, show it. */
export const copyLink = async (board, id) => {
  const url = new URL(href(boardPath(board, id)), location.href).href;
  try {
    await navigator.clipboard.writeText(url);
    toast("The link is copied.");
  } catch {
    toast(url);
  }
};
