/** Who one is: the avatar in the bar, and what it opens. */

import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { icon } from "../controls/icons.js";
import { menu } from "../controls/menu.js";
import { href } from "../lib/navigation.js";
import { loggedIn, logOut, session } from "../lib/session.js";
import { displayName } from "../lib/people.js";
import { THEMES, setTheme, theme } from "../lib/theme.js";
import { toast } from "../controls/toast.js";
import { userName, watchUser } from "../lib/user.js";
import { mayNotify, notifying, setNotifying } from "./notifications.js";
import { pointersShown, showPointers } from "./pointer-setting.js";
import { askName } from "./name-dialog.js";

class UserMenu extends HTMLElement {
  #button = el("button", { class: "user-button", type: "button" });

  connectedCallback() {
    if (this.firstChild) return;
    fill(
      this,
      this.#button,
      menu(this.#button, (close) => this.#items(close), { end: true, label: "You" }),
    );
    watchUser(() => this.#show());
    addEventListener("session", () => this.#show());
    this.#show();
  }

  #show() {
    const name = userName();
    const shown = displayName(name) ?? name;
    const label = el("span", { class: "user-name" }, el("span", { class: "unseen" }, "You are "), shown);
    fill(this.#button, avatar(name, { hidden: true }), label, icon("down"));
  }

  #items(close) {
    const name = userName();
    const copy = async () => {
      close();
      try {
        await navigator.clipboard.writeText(name);
        toast("Your name is copied.");
      } catch {
        toast(`Your name: ${name}`); // pages without encryption may not write there
      }
    };
    const change = () => {
      close();
      askName();
    };
    const known = loggedIn();
    return [
      el(
        "div",
        { class: "menu-user" },
        avatar(name, { hidden: true, class: "large" }),
        el(
          "div",
          {},
          el("strong", {}, displayName(name) ?? name),
          el("p", { class: "muted" }, known ? session().user.role : "This is how others see you"),
        ),
      ),
      known
        ? el("a", { class: "menu-item", href: href("/profile"), onclick: close }, icon("person"), "Your profile")
        : el("button", { class: "menu-item", type: "button", onclick: change }, icon("edit"), "Change name"),
      el("a", { class: "menu-item", href: href("/my-work"), onclick: close }, icon("check"), "My work"),
      el(
        "a",
        { class: "menu-item", href: href("/users"), onclick: close },
        icon("key"),
        known ? "Users and tokens" : "Users and notices",
      ),
      el("button", { class: "menu-item", type: "button", onclick: copy }, icon("copy"), "Copy name"),
      el("hr"),
      this.#themes(),
      check("Pointers of others", pointersShown(), showPointers),
      mayNotify() && check("Notify me of mentions and tickets", notifying(), setNotifying),
      known && [
        el("hr"),
        el("button", { class: "menu-item", type: "button", onclick: leave }, icon("back"), "Log out"),
      ],
    ];
  }

  #themes() {
    const pick = (name) =>
      el(
        "label",
        { class: "segment" },
        el("input", { type: "radio", name: "theme", checked: theme() === name, onchange: () => setTheme(name) }),
        icon(name),
        el("span", {}, name[0].toUpperCase() + name.slice(1)),
      );
    return el("fieldset", { class: "segments" }, el("legend", { class: "unseen" }, "Theme"), THEMES.map(pick));
  }
}

const leave = async () => {
  try {
    await logOut();
  } catch (error) {
    toast(`You are still logged in: ${error.message}`, { kind: "bad" });
  }
};

const check = (title, on, set) =>
  el(
    "label",
    { class: "menu-item" },
    el("input", { type: "checkbox", checked: on, onchange: (event) => set(event.target.checked) }),
    title,
  );

customElements.define("user-menu", UserMenu);
