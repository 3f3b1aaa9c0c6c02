/** The files of a ticket: pictures small, everything else by its name; more are added by a button, paste or drop. */

import { remove } from "../lib/api.js";
import { address } from "../lib/base.js";
import { confirm } from "../controls/confirm.js";
import { el, refill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { displayName } from "../lib/people.js";
import { filePath } from "../lib/upload.js";
import { isPicture, sizeText } from "../model/files.js";
import { ago } from "../model/time.js";
import { fileInput } from "./file-input.js";

export class FileList {
  element = el("section", { class: "ticket-files" });
  #attempt;
  #ticket = null;
  #shown = null;
  #items = el("ul", { class: "file-list" });

  /** @param attempt runs a change and tells where it was refused. */
  constructor(attempt) {
    this.#attempt = attempt;
  }

  /** Take files that are pasted or dropped anywhere in an element, where nothing else takes them. */
  takeFrom(target) {
    const { button, list } = fileInput(target, () => this.#ticket?.id ?? null);
    this.element.append(el("header", { class: "section-head" }, el("h3", {}, "Files"), button), this.#items, list);
  }

  /** Show the files of a ticket. */
  show(ticket) {
    this.#ticket = ticket;
    const files = ticket.files ?? [];
    const shown = JSON.stringify([ticket.id, files]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#items.hidden = !files.length;
    refill(this.#items, () => files.map((file) => this.#item(ticket.id, file)));
  }

  #item(ticket, file) {
    const url = address(filePath(ticket, file.name));
    const small = new URL(url);
    if (file.thumbnail) small.searchParams.set("thumbnail", "true");
    const face =
      isPicture(file) && (file.thumbnail || file.size < 500_000)
        ? el("img", { src: small.href, alt: "", loading: "lazy", width: 40, height: 40 })
        : icon("attach");
    const facts = `${sizeText(file.size)}, ${displayName(file.created_by) ?? file.created_by}, ${ago(file.created_at)}`;
    const label = `Remove ${file.name}`;
    return el(
      "li",
      {},
      el(
        "a",
        { href: url.href, target: "_blank", rel: "noopener", class: "file" },
        el("span", { class: "face" }, face),
        el("span", { class: "name", dir: "auto" }, file.name),
        el("span", { class: "muted" }, facts),
      ),
      el(
        "button",
        {
          class: "button plain square small",
          type: "button",
          "aria-label": label,
          title: label,
          onclick: () => this.#remove(ticket, file),
        },
        icon("trash"),
      ),
    );
  }

  async #remove(ticket, file) {
    const text = "Its content is deleted for ever. Texts that show it stay as they are.";
    const question = { title: `Remove ${file.name}?`, text, button: "Remove", danger: true };
    if ((await confirm(question)) === null) return;
    await this.#attempt(`${file.name} is still there`, () => remove(filePath(ticket, file.name)));
  }
}
