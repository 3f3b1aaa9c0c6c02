/** Who acts in this browser. */

import { defaultName, tidy } from "../model/names.js";
import { keep, setting, watchSetting } from "./settings.js";

const SETTING = "username";

/** The user's name; made up at the first visit. */
export const userName = () => {
  const kept = tidy(setting(SETTING, ""));
  if (kept) return kept;
  const made = defaultName();
  keep(SETTING, made);
  return made;
};

/** Take another name, which must be one (see `names.js`). */
export const rename = (name) => keep(SETTING, tidy(name));

/** Hear of another name; call the answer to stop. */
export const watchUser = (listener) => watchSetting(SETTING, listener);
