/** Files that are pasted, dropped or chosen: they are attached to the ticket, and named in the text. */

import { el } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { toast } from "../controls/toast.js";
import { filePath, upload } from "../lib/upload.js";
import { reasonOf } from "../live/moves.js";
import { fileMarkdown } from "../model/files.js";

const STAYS = 12_000;

/**
 * Let a target take files by paste and drop.
 *
 * @param {HTMLElement} target @param {() => number|null} ticket the ticket that gets them; null takes none
 * @param {(file: any) => void} [attached] is called with each file once it is stored
 * @returns {{button: HTMLElement, list: HTMLElement}} a button that chooses files, and a list of those on their way
 */
export const fileInput = (target, ticket, attached = () => {}) => {
  const list = el("ul", { class: "uploads", "aria-live": "polite" });
  const take = (files) => {
    if (ticket() === null) return;
    for (const file of files) send(list, ticket(), file).then((stored) => stored && attached(stored));
  };
  target.addEventListener("paste", (/** @type {ClipboardEvent} */ event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.defaultPrevented || event.clipboardData?.types.includes("text/plain")) return; // a text with a picture of itself
    event.preventDefault();
    take(files);
  });
  const isOver = (/** @type {DragEvent} */ event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    target.classList.add("takes-files");
  };
  target.addEventListener("dragenter", isOver);
  target.addEventListener("dragover", isOver);
  target.addEventListener("dragleave", () => target.classList.remove("takes-files"));
  target.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    target.classList.remove("takes-files");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length || event.defaultPrevented) return;
    event.preventDefault();
    take(files);
  });
  const chosen = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true" });
  chosen.addEventListener("change", () => {
    take([...chosen.files]);
    chosen.value = "";
  });
  const open = () => chosen.click();
  const title = "Attach files, or paste or drop them";
  const button = el(
    "button",
    { class: "button plain small", type: "button", title, onclick: open },
    icon("attach"),
    "Attach",
    chosen,
  );
  return { button, list };
};

/** The same for a text that is being written: a file's name goes to where the cursor is. */
export const fileInputOfText = (input, ticket) =>
  fileInput(input, ticket, (file) => {
    if (!input.isConnected) return toast(`${file.name} is attached to #${ticket()}.`);
    const text = fileMarkdown(file, filePath(ticket(), file.name));
    const before = input.value.slice(0, input.selectionStart);
    const gap = before && !/\s$/.test(before) ? "\n" : "";
    input.setRangeText(`${gap}${text}\n`, input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });

/** Send one file, shown in the list meanwhile. The stored file; null where it was refused, which is said. */
const send = async (list, ticket, file) => {
  const bar = el("progress", { max: 1, value: 0, "aria-label": `Sending ${file.name}` });
  const item = el("li", {}, el("span", { class: "name", dir: "auto" }, file.name), bar);
  list.append(item);
  try {
    const stored = await upload(ticket, file, (share) => bar.setAttribute("value", String(share)));
    for (const { detail } of stored.warnings ?? []) toast(detail);
    return stored;
  } catch (error) {
    toast(`${file.name} is not attached: ${reasonOf(error, Date.now())}`, { kind: "bad", stays: STAYS });
    return null;
  } finally {
    item.remove();
  }
};
