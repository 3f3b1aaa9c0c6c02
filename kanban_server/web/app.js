/**
 * The application: which page is shown at which address.
 *
 * A page is a custom element with a method `show(route)`, called when it appears and whenever the address changes
 * within it. It may have `crumbs` and `tools`, nodes that the bar shows; and `commands` and `tickets`, which the command
 * palette lists. To add one: a kind of route in `model/route.js`, a row in PAGES, and its style sheet in
 * `styles/components.css`.
 */

import "./bar/app-bar.js";
import { helpSheet } from "./bar/help-sheet.js";
import { openPalette } from "./bar/palette.js";
import { watchInbox } from "./inbox/unread.js";
import { keepDraft } from "./lib/drafts.js";
import { el } from "./lib/el.js";
import { Keys } from "./lib/keys.js";
import { go, here, watchAddress } from "./lib/navigation.js";
import { registerWorker } from "./lib/offline.js";
import { outbox } from "./lib/outbox.js";
import { loadProfiles } from "./lib/profiles.js";
import { loadSession, loginPath, mustLogIn } from "./lib/session.js";
import { applyTheme } from "./lib/theme.js";
import { toast } from "./controls/toast.js";
import { reportCutPastes } from "./lib/typing.js";
import { boardPath, read } from "./model/route.js";

const PAGES = {
  boards: ["boards-page", () => import("./boards/boards-page.js")],
  board: ["board-page", () => import("./board/board-page.js")],
  figures: ["figures-page", () => import("./figures/figures-page.js")],
  agents: ["agents-page", () => import("./agents/agents-page.js")],
  archive: ["archive-page", () => import("./archive/archive-page.js")],
  team: ["team-page", () => import("./team/team-page.js")],
  users: ["users-page", () => import("./team/users-page.js")],
  inbox: ["inbox-page", () => import("./inbox/inbox-page.js")],
  work: ["work-page", () => import("./inbox/work-page.js")],
  login: ["login-page", () => import("./login/login-page.js")],
  join: ["login-page", () => import("./login/login-page.js")],
  profile: ["profile-page", () => import("./profile/profile-page.js")],
  missing: ["missing-page", () => import("./missing/missing-page.js")],
};

const bar = el("app-bar");
const main = el("main", { id: "main", tabindex: "-1" });
let page = null;
/** The page needs to know who the user is before it is shown. */
const known = loadSession().then(loadProfiles);

const show = async () => {
  const address = here();
  const route = read(address);
  const [tag, load] = PAGES[route.page];
  try {
    await Promise.all([load(), known]);
  } catch {
    const action = { name: "Try again", run: () => location.reload() };
    return toast("The page can’t be loaded just now.", { kind: "bad", stays: 60_000, action });
  }
  if (mustLogIn() && route.page !== "login" && route.page !== "join") return go(loginPath(address), { replace: true });
  if (address !== here()) return; // the user has gone elsewhere meanwhile
  const stays = page?.localName === tag;
  if (!stays) {
    page = el(tag);
    main.replaceChildren(page);
  }
  page.show(route);
  if (!stays) bar.show(page.crumbs ?? [], page.tools ?? []);
};

/** A change that was made before the page was loaded is refused: its text must not be lost. */
const tellRefused = ({ change, error }) => {
  const { title, text, description, ticket_id: ticket, board_id: board } = change.body ?? {};
  if (change.path === "/api/comments") keepDraft(`${ticket}:comment`, { text });
  const written = title ?? text ?? description;
  const what = written ? `“${written.slice(0, 200)}” is not sent` : "A change is not made";
  const action = board ? { name: "Open the board", run: () => go(boardPath(board)) } : undefined;
  toast(`${what}: ${error.message}`, { kind: "bad", stays: 60_000, action });
};

/** @type {HTMLLinkElement} */
const icon = document.querySelector("link[rel=icon]");
icon.href = String(icon.href); // browsers read it again at each address
applyTheme();
document.body.replaceChildren(el("a", { class: "skip", href: "#main" }, "Skip to the content"), bar, main);
watchAddress(show);
reportCutPastes();
addEventListener("warned", ({ detail: warnings }) => warnings.forEach(({ detail }) => toast(detail)));
outbox.addEventListener("refused", ({ detail }) => detail.handled || tellRefused(detail));
new Keys(new AbortController().signal, {
  "Ctrl k": () => openPalette(page),
  "g b": () => go("/"),
  "g i": () => go("/inbox"),
  "g m": () => go("/my-work"),
  "?": helpSheet,
});
show();
known.then(() => {
  watchInbox();
  registerWorker();
});
