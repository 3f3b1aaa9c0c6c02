/** The setting that shows other users' pointers and shares the user's own. */

import { keep, setting, watchSetting } from "../lib/settings.js";

export const pointersShown = () => setting("pointers") !== "off";

export const showPointers = (on) => keep("pointers", on ? null : "off");

export const watchPointerSetting = (listener) => watchSetting("pointers", listener);
