/** A label as a tag in the hue of its name. */

import { hue } from "../model/names.js";
import { el } from "../lib/el.js";

/** @param {string} name @param {...Node} more what follows the name in the tag */
export const labelTag = (name, ...more) => {
  const attention = name === "needs-human";
  return el(
    "span",
    { class: attention ? "tag attention" : "tag label-tag", style: { "--hue": hue(name) }, dir: "auto" },
    name,
    more,
  );
};
