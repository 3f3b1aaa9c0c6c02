/** Sentences for screen readers. */

import { visible } from "../model/invisible-characters.js";
import { el } from "./el.js";

const host = el("div", { class: "unseen", role: "status", "aria-live": "polite" });

/** Announce a sentence once. Screen readers ignore what is outside an open dialog, so it is put inside. */
export const announce = (text) => {
  const place = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (host.parentNode !== place) place.append(host);
  const sentence = visible(text);
  host.textContent = sentence === host.textContent ? `${sentence}\u00a0` : sentence;
};
