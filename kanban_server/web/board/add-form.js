/** A line to write a ticket's title into. Enter adds it and waits for the next one. */

import { el } from "../lib/el.js";

export class AddForm {
  #field = el("textarea", { class: "input", rows: 2, maxlength: 200, placeholder: "What is to be done?", "aria-label": "Title of the new ticket" });
  #create;
  #close;

  /** @param {(title: string) => Promise<boolean>} create says whether it worked. @param {() => void} close */
  constructor(create, close) {
    this.#create = create;
    this.#close = close;
    const submit = el("button", { class: "button primary", type: "submit" }, "Add");
    const cancel = el("button", { class: "button plain", type: "button", onclick: close }, "Cancel");
    this.element = el("form", { class: "add-form" }, this.#field, el("div", { class: "row" }, submit, cancel));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => this.#key(event));
  }

  open() {
    this.element.scrollIntoView({ block: "nearest" });
    this.#field.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#close();
    }
  }

  async #submit() {
    const title = this.#field.value.trim();
    if (!title) return;
    this.#field.value = "";
    if (!(await this.#create(title)) && !this.#field.value) this.#field.value = title;
  }
}
