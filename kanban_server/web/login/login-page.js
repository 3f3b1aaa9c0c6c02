/** Logging in, with a token; and taking an invite, which gives one. */

import { post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { setTitle } from "../lib/title.js";
import { go } from "../lib/navigation.js";
import { loadProfiles } from "../lib/profiles.js";
import { loggedIn, logIn, session } from "../lib/session.js";
import { setTheme } from "../lib/theme.js";

class LoginPage extends HTMLElement {
  show({ page, query }) {
    setTitle("Log in");
    const next = new URLSearchParams(query).get("next") ?? "/";
    // Only a path of this server: `//host` would be another one
    this.next = /^\/(?!\/)/.test(next) ? next : "/";
    const invite = page === "join" ? location.hash.slice(1) : "";
    if (page === "login" && (loggedIn() || session().mode === "open")) return go(this.next, { replace: true });
    fill(this, el("div", { class: "door" }, el("h1", {}, "Agent Kanban"), invite ? this.#join(invite) : this.#login()));
    this.querySelector("input").focus();
  }

  #login() {
    const token = field("Your token", {
      type: "password",
      autocomplete: "current-password",
      required: true,
      placeholder: "kbn_…",
    });
    return form(
      "Log in",
      [token.label],
      async () => {
        await logIn(token.input.value.trim());
        await loadProfiles();
        setTheme(session().user.theme ?? "system");
        go(this.next, { replace: true });
      },
      el(
        "p",
        { class: "muted" },
        "Log in with a token. An admin gives you one, or you make it at a shell: ",
        el("code", {}, "kanban token create"),
      ),
    );
  }

  #join(invite) {
    const name = field("Your name here", { autocomplete: "nickname", maxlength: 64 });
    return form(
      "Join",
      [name.label],
      async () => {
        const { secret } = await post("/api/join", { invite, name: name.input.value.trim() || null }, { named: false });
        fill(this.querySelector(".door"), this.#joined(secret));
      },
      el("p", { class: "muted" }, "You were invited to this server."),
    );
  }

  /** The token is shown before anything is done with it, since no second look at it is given. */
  #joined(secret) {
    const on = form("To the boards", [], async () => {
      await logIn(secret);
      await loadProfiles();
      go("/", { replace: true });
    });
    return [
      el("h1", {}, "Welcome"),
      el("p", {}, "This is your token. It is shown this once; keep it where you keep passwords."),
      el("code", { class: "secret" }, secret),
      on,
    ];
  }
}

const field = (title, attributes) => {
  const input = el("input", { class: "input", ...attributes });
  return { input, label: el("label", { class: "field" }, el("span", {}, title), input) };
};

const form = (does, fields, act, note) => {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const button = el("button", { class: "button primary", type: "submit" }, does);
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    wrong.textContent = "";
    try {
      await act();
    } catch (error) {
      wrong.textContent = error.message;
    }
    button.disabled = false;
  };
  return el("form", { onsubmit: submit, novalidate: true }, note, fields, wrong, button);
};

customElements.define("login-page", LoginPage);
