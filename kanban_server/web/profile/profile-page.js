/** The profile of the user: how they are shown, and what they are notified of. */

import { patch, put, remove } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { setTitle } from "../lib/title.js";
import { go } from "../lib/navigation.js";
import { loadProfiles } from "../lib/profiles.js";
import { loadSession, loggedIn, session } from "../lib/session.js";
import { THEMES, setTheme } from "../lib/theme.js";
import { toast } from "../controls/toast.js";

const IMAGES = "image/png,image/jpeg,image/gif,image/webp";
const LARGEST = 64 * 1024;
const NOTIFICATIONS = { all: "What concerns me", mentions: "Mentions only", none: "Nothing" };

class ProfilePage extends HTMLElement {
  #image = el("section", { class: "row profile-image" });

  show() {
    setTitle("Your profile");
    if (!loggedIn()) return go("/", { replace: true });
    const { user } = session();
    fill(
      this,
      el(
        "div",
        { class: "sheet profile" },
        el("header", { class: "sheet-head" }, el("h1", {}, user.name), el("span", { class: "tag" }, user.role)),
        this.#image,
        this.#form(user),
      ),
    );
    this.#showImage(user);
  }

  #showImage(user) {
    const file = el("input", {
      type: "file",
      accept: IMAGES,
      class: "unseen",
      id: "avatar-file",
      onchange: () => this.#upload(file.files[0]),
    });
    fill(
      this.#image,
      avatar(user.name, { hidden: true, class: "huge" }),
      file,
      el("label", { class: "button", for: "avatar-file" }, "Choose an image"),
      user.avatar &&
        el(
          "button",
          { class: "button plain", type: "button", onclick: () => this.#change(() => remove("/api/me/avatar")) },
          "Remove it",
        ),
      el("p", { class: "muted" }, "PNG, JPEG, GIF or WebP, at most 64 KiB"),
    );
  }

  #form(user) {
    const name = el("input", { class: "input", value: user.display_name ?? "", maxlength: 64, autocomplete: "name" });
    const team = el("input", {
      class: "input",
      value: user.team ?? "",
      maxlength: 64,
      autocomplete: "organization",
      disabled: user.role !== "admin",
    });
    const theme = select(
      Object.fromEntries(THEMES.map((one) => [one, one[0].toUpperCase() + one.slice(1)])),
      user.theme ?? "system",
    );
    const notifications = select(NOTIFICATIONS, user.notifications ?? "all");
    const submit = async (event) => {
      event.preventDefault();
      const wanted = {
        display_name: name.value.trim() || null,
        theme: theme.value,
        notifications: notifications.value,
      };
      if (user.role === "admin") wanted.team = team.value.trim() || null;
      if (await this.#change(() => patch("/api/me", wanted))) setTheme(theme.value);
    };
    return el(
      "form",
      { class: "profile-form", onsubmit: submit },
      field("Display name", name),
      field("Team", team),
      field("Theme", theme),
      field("Notify me of", notifications),
      el("div", { class: "row" }, el("button", { class: "button primary", type: "submit" }, "Save")),
    );
  }

  async #upload(file) {
    if (!file) return;
    if (file.size > LARGEST) return toast("The image is larger than 64 KiB.", { kind: "bad" });
    await this.#change(() => put("/api/me/avatar", file));
  }

  async #change(run) {
    try {
      await run();
    } catch (error) {
      toast(`Not saved: ${error.message}`, { kind: "bad" });
      return false;
    }
    await loadSession();
    await loadProfiles();
    this.#showImage(session().user); // and nothing else: the fields are as they were written
    toast("Saved.", { kind: "good" });
    return true;
  }
}

const field = (title, control) => el("label", { class: "field" }, el("span", {}, title), control);

const select = (options, chosen) =>
  el(
    "select",
    { class: "input" },
    Object.entries(options).map(([value, title]) => el("option", { value, selected: value === chosen }, title)),
  );

customElements.define("profile-page", ProfilePage);
