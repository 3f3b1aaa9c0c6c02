/** Saying to those who listen what others see. */

import { el } from "./el.js";

const host = el("div", { class: "unseen", role: "status", "aria-live": "polite" });

/** Say a sentence, once. */
export const announce = (text) => {
  if (!host.isConnected) document.body.append(host);
  host.textContent = text === host.textContent ? `${text}\u00a0` : text;
};
