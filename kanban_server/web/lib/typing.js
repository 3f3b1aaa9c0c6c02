/** What is typed and pasted into fields. */

import { toast } from "../controls/toast.js";

/** Whether a key press belongs to an input method that composes a word; Safari shows it only by the code 229. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Say so wherever a pasted text is longer than its field takes. */
export const reportCutPastes = () =>
  document.addEventListener("paste", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    const most = field.maxLength;
    if (!(most > 0)) return;
    const pasted = event.clipboardData?.getData("text") ?? "";
    const kept = field.value.length - (field.selectionEnd - field.selectionStart);
    if (kept + pasted.length > most) toast(`The pasted text was cut: at most ${most} characters fit.`, { kind: "bad" });
  });
