/** Saying to those who listen what others see. */

import { visible } from "../model/invisible-characters.js";
import { el } from "./el.js";

const host = el("div", { class: "unseen", role: "status", "aria-live": "polite" });

/** Say a sentence, once. What stands outside an open dialog is not heard, so it is said inside. */
export const announce = (text) => {
  const place = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (host.parentNode !== place) place.append(host);
  const said = visible(text);
  host.textContent = said === host.textContent ? `${said}\u00a0` : said;
};
