/**
 * The application: which page stands at which address.
 *
 * A page is a custom element with a method `show(route)`, called when it appears and whenever the address changes
 * within it. It may have `crumbs` and `tools`, nodes that the bar shows while the page does. To add one: a kind of
 * route in `model/route.js`, a row in PAGES, and its style sheet in `styles/index.css`.
 */

import "./bar/app-bar.js";
import { el } from "./lib/el.js";
import { go, here, watchAddress } from "./lib/navigation.js";
import { learn } from "./lib/profiles.js";
import { begin, loginPath, mustLogIn } from "./lib/session.js";
import { applyTheme } from "./lib/theme.js";
import { toast } from "./lib/toast.js";
import { read } from "./model/route.js";

const PAGES = {
  boards: ["boards-page", () => import("./boards/boards-page.js")],
  board: ["board-page", () => import("./board/board-page.js")],
  figures: ["figures-page", () => import("./figures/figures-page.js")],
  login: ["login-page", () => import("./login/login-page.js")],
  join: ["login-page", () => import("./login/login-page.js")],
  profile: ["profile-page", () => import("./profile/profile-page.js")],
  missing: ["missing-page", () => import("./missing/missing-page.js")],
};

const bar = el("app-bar");
const main = el("main", { id: "main", tabindex: "-1" });
let page = null;
/** Who one is has to be known before a page says it. */
const known = begin().then(learn);

const show = async () => {
  const address = here();
  const route = read(address);
  const [tag, load] = PAGES[route.page];
  try {
    await Promise.all([load(), known]);
  } catch {
    return toast("The page can’t be loaded just now.", {
      kind: "bad",
      stays: 60_000,
      action: { name: "Try again", run: () => location.reload() },
    });
  }
  if (mustLogIn() && route.page !== "login" && route.page !== "join") return go(loginPath(address), { replace: true });
  if (address !== here()) return; // gone elsewhere meanwhile
  const stays = page?.localName === tag;
  if (!stays) {
    page = el(tag);
    main.replaceChildren(page);
  }
  page.show(route);
  if (!stays) bar.show(page.crumbs ?? [], page.tools ?? []);
};

/** @type {HTMLLinkElement} */
const icon = document.querySelector("link[rel=icon]");
icon.href = String(icon.href); // browsers read it again at each address
applyTheme();
document.body.replaceChildren(el("a", { class: "skip", href: "#main" }, "Skip to the content"), bar, main);
watchAddress(show);
addEventListener("warned", ({ detail: warnings }) => warnings.forEach(({ detail }) => toast(detail)));
show();
