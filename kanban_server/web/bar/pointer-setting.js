/** Whether the pointers of others are shown, and one's own is told. */

import { keep, setting, watchSetting } from "../lib/settings.js";

export const pointersShown = () => setting("pointers") !== "off";

export const showPointers = (on) => keep("pointers", on ? null : "off");

export const watchPointerSetting = (listener) => watchSetting("pointers", listener);
