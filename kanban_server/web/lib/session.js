/** Who the user is to the server. On a server without users, names are claims, and nobody logs in. */

import { get, post, remove } from "./api.js";
import { dropAllDrafts } from "./drafts.js";
import { go, here, href } from "./navigation.js";
import { keepCacheFor, purgeCache } from "./offline.js";
import { outbox } from "./outbox.js";
import { setUser, userName } from "./user.js";

let current = { mode: "open", user: null };
let answered = false;

/** `{mode: "open"|"tokens", user, access}`; see `Session` in the wire. */
export const session = () => current;

/** Whether the server has users and one of them is logged in. */
export const loggedIn = () => current.mode === "tokens" && current.user !== null;

/** Whether the user has to log in before anything else. */
export const mustLogIn = () => current.mode === "tokens" && current.user === null;

/** Whether the user may administer the server: everybody may on one without users. */
export const isServerAdmin = () => current.mode === "open" || current.user?.role === "admin";

/** Ask the server who the user is, unless it has answered before. */
export const ensureSession = () => answered || loadSession();

/** Ask the server who the user is. */
export const loadSession = async () => {
  try {
    take(await get("/api/session", { named: false }));
  } catch {
    // the page shows that there is no connection
  }
};

/** @throws {import("./http.js").Refused} where the token is not valid. */
export const logIn = async (token) => take(await post("/api/session", { token }, { named: false }));

/** End the session, and forget what this browser keeps for the user. */
export const logOut = async () => {
  await remove("/api/session", { named: false });
  outbox.clear();
  dropAllDrafts();
  await purgeCache();
  location.assign(href("/")); // nothing that was shown stays
};

/** The page that asks for a token, and leads back. */
export const loginPath = (path = here()) => `/login?next=${encodeURIComponent(path)}`;

const take = (session) => {
  current = session;
  answered = true;
  setUser(session.user?.name ?? null, session.user?.former_names);
  keepCacheFor(userName());
  outbox.resume();
  dispatchEvent(new Event("session"));
};

addEventListener("not-authenticated", async () => {
  await loadSession();
  if (mustLogIn() && !/^\/(login|join)\b/.test(here())) go(loginPath(), { replace: true });
});
