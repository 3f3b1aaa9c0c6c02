/** A line to write a ticket's title into. Enter adds it and waits for the next one. */

import { el } from "../lib/el.js";

export class AddForm {
  #field = el("textarea", {
    class: "input",
    rows: 2,
    maxlength: 200,
    placeholder: "What is to be done?",
    "aria-label": "Title of the new ticket",
  });
  #create;
  #close;
  #last = Promise.resolve();

  /**
   * @param {(title: string, insisted: () => void) => Promise<boolean>} create says whether it worked; `insisted` tells
   *   that it did later on. @param {() => void} close keeps what is written.
   */
  constructor(create, close) {
    this.#create = create;
    this.#close = close;
    const submit = el("button", { class: "button primary", type: "submit" }, "Add");
    const cancel = el("button", { class: "button plain", type: "button", onclick: () => this.#cancel() }, "Cancel");
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

  #cancel() {
    this.#field.value = "";
    this.#close();
  }

  /** Each line is a title. One that is refused comes back, before what was written meanwhile. */
  #submit() {
    for (const title of lines(this.#field.value)) this.#last = this.#last.then(() => this.#addOne(title));
    this.#field.value = "";
  }

  async #addOne(title) {
    const others = () => lines(this.#field.value).filter((line) => line !== title);
    const insisted = () => (this.#field.value = others().join("\n"));
    if (!(await this.#create(title, insisted))) this.#field.value = [title, ...others()].join("\n");
  }
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
