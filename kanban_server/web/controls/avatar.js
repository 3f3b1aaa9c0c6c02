/** A user as a small disc: initials on the colour of the name. */

import { hue, initials } from "../model/names.js";
import { el } from "../lib/el.js";
import { imageOf } from "../lib/profiles.js";

/**
 * The initials are drawn by the style sheet: they are no text, since the name is.
 *
 * @param {string} name @param {{title?: string, hidden?: boolean, class?: string}} [options] `hidden`: the name is shown beside it.
 */
export const avatar = (name, { title = name, hidden = false, class: more = "" } = {}) => {
  const image = imageOf(name);
  const attributes = {
    class: `avatar ${more}`,
    dataset: image ? {} : { initials: initials(name) },
    style: { "--hue": hue(name) },
    title,
    role: hidden ? null : "img",
    "aria-label": hidden ? null : title,
    "aria-hidden": hidden ? "true" : null,
  };
  return el("span", attributes, image && el("img", { src: image, alt: "", loading: "lazy", draggable: "false" }));
};
