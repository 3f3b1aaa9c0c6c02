/** A field for the titles of new tickets, one a line. Enter adds them and waits for the next. */

import { el } from "../lib/el.js";
import { isComposing } from "../lib/typing.js";

export class AddForm {
  #field = el("textarea", {
    class: "input",
    rows: 2,
    dir: "auto",
    placeholder: "What is to be done?",
    "aria-label": "Title of the new ticket",
  });
  #create;
  #close;
  #submitted = 0;
  /** What was refused, in the order in which it was written: `{number, title}`. */
  #refused = [];

  /**
   * @param {(title: string, insisted: () => void) => Promise<boolean>} create says whether it worked; `insisted` is
   *   called where it works later on. @param {() => void} close keeps what is written.
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
    this.#field.addEventListener("keydown", (event) => this.#press(event));
  }

  open() {
    this.element.scrollIntoView({ block: "nearest" });
    this.#field.focus();
  }

  #press(event) {
    if (isComposing(event)) return;
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
    const titles = lines(this.#field.value);
    this.#field.value = "";
    this.#refused = [];
    for (const title of titles) this.#add(title, this.#submitted++);
  }

  async #add(title, number) {
    const insisted = () => {
      this.#refused = this.#refused.filter((one) => one.number !== number);
      this.#field.value = lines(this.#field.value)
        .filter((line) => line !== title)
        .join("\n");
    };
    if (await this.#create(title, insisted)) return;
    this.#refused = [...this.#refused, { number, title }].sort((one, other) => one.number - other.number);
    const refused = this.#refused.map((one) => one.title);
    const others = lines(this.#field.value).filter((line) => !refused.includes(line));
    this.#field.value = [...refused, ...others].join("\n");
  }
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
