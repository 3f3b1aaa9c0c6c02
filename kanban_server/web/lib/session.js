/** Who one is to the server. Without users there, names are claims, and nobody logs in. */

import { get, post, remove } from "./api.js";
import { go, here, href } from "./navigation.js";
import { become } from "./user.js";

let now = { mode: "open", user: null };
let answered = false;

/** `{mode: "open"|"tokens", user, access}`; see `Session` in the wire. */
export const session = () => now;

/** Whether the server has users, of whom one is here. */
export const loggedIn = () => now.mode === "tokens" && now.user !== null;

/** Whether one has to log in before anything else. */
export const mustLogIn = () => now.mode === "tokens" && now.user === null;

/** Ask the server who one is, where it has not said so yet: one that can't be reached is asked again before a connection. */
export const identified = () => answered || begin();

/** Ask the server who one is. */
export const begin = async () => {
  try {
    take(await get("/api/session", { named: false }));
  } catch {
    // the page says that there is no connection
  }
};

/** @throws {Refused} where it is no token that lives. */
export const logIn = async (token) => take(await post("/api/session", { token }, { named: false }));

export const logOut = async () => {
  await remove("/api/session", { named: false });
  location.assign(href("/")); // nothing of what was seen stays
};

/** The page that asks for a token, and leads back. */
export const loginPath = (path = here()) => `/login?next=${encodeURIComponent(path)}`;

const take = (found) => {
  now = found;
  answered = true;
  become(found.user?.name ?? null, found.user?.former_names);
  dispatchEvent(new Event("session"));
};

addEventListener("not-authenticated", async () => {
  await begin();
  if (mustLogIn() && !/^\/(login|join)\b/.test(here())) go(loginPath(), { replace: true });
});
