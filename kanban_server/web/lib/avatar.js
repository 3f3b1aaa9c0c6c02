/** A user as a small disc: initials on the colour of the name. */

import { hue, initials } from "../model/names.js";
import { el } from "./el.js";

/** @param {string} name @param {{title?: string, hidden?: boolean}} [options] `hidden`: the name stands beside it. */
export const avatar = (name, { title = name, hidden = false, class: more = "" } = {}) =>
  el(
    "span",
    {
      class: `avatar ${more}`,
      style: { "--hue": hue(name) },
      title,
      role: hidden ? null : "img",
      "aria-label": hidden ? null : title,
      "aria-hidden": hidden ? "true" : null,
    },
    initials(name),
  );
