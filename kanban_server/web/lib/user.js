/** The user of this browser: the chosen name on a server without users, else the user who is logged in. */

import { defaultName, tidy } from "../model/names.js";
import { keep, setting, watchSetting } from "./settings.js";

const SETTING = "username";
let known = null;
let former = [];

/** The user's name; made up at the first visit. */
export const userName = () => {
  const kept = known ?? tidy(setting(SETTING, ""));
  if (kept) return kept;
  const made = defaultName();
  keep(SETTING, made);
  return made;
};

/** The name that a request has to say; null where the server knows who it is from. */
export const claimedName = () => (known === null ? userName() : null);

/** Whether a name is the user's, or once was. */
export const isMine = (name) => name === userName() || former.includes(name);

/** Take another name, which must be one (see `names.js`). */
export const rename = (name) => keep(SETTING, tidy(name));

/** Set the user who is logged in, or null. `names` are the user's former names. */
export const setUser = (name, names = []) => {
  known = name;
  former = names;
};

/** Hear of another name; call the answer to stop. */
export const watchUser = (listener) => watchSetting(SETTING, listener);
