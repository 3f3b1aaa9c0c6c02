/** The user's tokens and agents; for admins of the server all users, and notices to those who are connected. */

import { get, patch, post, remove } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { confirm } from "../controls/confirm.js";
import { openDialog } from "../controls/dialog.js";
import { el, fill } from "../lib/el.js";
import {
  actionButton,
  attemptQuietly,
  emptyState,
  field,
  secretBox,
  section,
  selectField,
  sheet,
  table,
} from "../lib/page-parts.js";
import { isServerAdmin, loggedIn, session } from "../lib/session.js";
import { setTitle } from "../lib/title.js";
import { toast } from "../controls/toast.js";
import { ago, shortDate } from "../model/time.js";
import { invitePerson } from "./invites.js";

const ROLES = { admin: "Admin of the server", user: "User", viewer: "Viewer" };
const DAYS = { "": "Until it is revoked", 7: "7 days", 90: "90 days", 365: "1 year" };

class UsersPage extends HTMLElement {
  #users = el("div");
  #tokens = el("div");

  show() {
    setTitle("Users and tokens");
    if (!loggedIn()) return this.#showOpen();
    const admin = isServerAdmin();
    const make = el("button", { class: "button", type: "button", onclick: () => this.#newToken() }, "New token");
    const invite =
      admin && el("button", { class: "button primary", type: "button", onclick: invitePerson }, "Invite a person");
    fill(
      this,
      sheet(
        admin ? "Users and tokens" : "Tokens and agents",
        invite,
        section(admin ? "Users" : "You and your agents", "", this.#users),
        section(
          "Tokens",
          "Yours, and those of your agents. A revoked token is out at once.",
          this.#tokens,
          el("div", {}, make),
        ),
        admin && notices(),
      ),
    );
    this.#load();
  }

  /** Without users there are no tokens, but everybody may post a notice. */
  #showOpen() {
    const text =
      "Whoever reaches this server may do everything, under any name. On the server’s own machine: kanban user create NAME --admin";
    fill(this, sheet("Users and tokens", null, emptyState("This server has no users", text), notices()));
  }

  #load() {
    return attemptQuietly(async () => {
      const [users, tokens] = await Promise.all([get("/api/users"), get("/api/tokens")]);
      this.#drawUsers(users);
      this.#drawTokens(tokens);
    });
  }

  #drawUsers(users) {
    const { user } = session();
    const shown = isServerAdmin()
      ? users
      : users.filter(({ name, owner }) => name === user.name || owner === user.name);
    const rows = shown.map((one) => [
      el(
        "span",
        { class: "row" },
        avatar(one.name, { hidden: true }),
        one.display_name ? `${one.display_name} (${one.name})` : one.name,
      ),
      one.kind === "agent" ? `agent of ${one.owner}` : this.#role(one),
      one.team ?? "",
      one.disabled ? el("span", { class: "wrong" }, "disabled") : "active",
      one.name !== user.name && this.#disableButton(one),
    ]);
    fill(this.#users, table(["Name", "Role", "Team", "State", ""], rows));
  }

  #role({ name, role }) {
    if (!isServerAdmin() || name === session().user.name) return ROLES[role];
    const onchange = async ({ target }) => {
      await attemptQuietly(() => patch(`/api/users/${encodeURIComponent(name)}`, { role: target.value }));
      this.#load();
    };
    return selectField(ROLES, role, { "aria-label": `Role of ${name}`, onchange });
  }

  #disableButton({ name, disabled }) {
    if (!isServerAdmin()) return "";
    const run = async () => {
      const text = `All that ${name} is logged in with ends at once.`;
      if (!disabled && (await confirm({ title: `Disable ${name}?`, text, button: "Disable", danger: true })) === null)
        return;
      await patch(`/api/users/${encodeURIComponent(name)}`, { disabled: !disabled });
      await this.#load();
    };
    const button = actionButton(disabled ? "Enable" : "Disable", run, "small");
    button.setAttribute("aria-label", `${disabled ? "Enable" : "Disable"} ${name}`);
    return button;
  }

  #drawTokens(tokens) {
    const rows = tokens
      .filter(({ revoked_at: revoked }) => !revoked)
      .map((token) => [
        el("span", {}, token.name, " ", el("code", { class: "muted" }, `${token.beginning}…`)),
        token.user,
        [
          token.access === "read" ? "read" : "read and write",
          token.boards ? `boards ${token.boards.join(", ")}` : "all boards",
        ].join(", "),
        token.last_used_at ? `used ${ago(token.last_used_at)}` : "never used",
        token.expires_at ? `until ${shortDate(token.expires_at.slice(0, 10))}` : "",
        this.#revokeButton(token),
      ]);
    fill(
      this.#tokens,
      rows.length
        ? table(["Token", "Of", "May", "Last use", "Ends", ""], rows)
        : el("p", { class: "muted" }, "No tokens."),
    );
  }

  #revokeButton({ id, name }) {
    const run = async () => {
      const text = "What uses it is out at once.";
      if ((await confirm({ title: `Revoke ${name}?`, text, button: "Revoke", danger: true })) === null) return;
      await remove(`/api/tokens/${id}`);
      await this.#load();
    };
    const button = actionButton("Revoke", run, "small");
    button.setAttribute("aria-label", `Revoke ${name}`);
    return button;
  }

  #newToken() {
    const name = el("input", { class: "input", maxlength: 64, placeholder: "What it is for" });
    const access = selectField({ write: "Read and write", read: "Read" }, "write");
    const days = selectField(DAYS, "90");
    const submit = async () => {
      if (!name.value.trim()) throw new Error("A token has a name.");
      const limit = days.value ? { days: Number(days.value) } : {};
      const { secret } = await post("/api/tokens", { name: name.value.trim(), access: access.value, ...limit });
      this.#load();
      const note = el("p", { class: "muted" }, "It is shown this once; keep it where you keep passwords.");
      openDialog("Your new token", [note, secretBox("Token", secret)], { does: "Done", submit: async () => true });
      return true;
    };
    openDialog("New token", [field("Name", name), field("It may", access), field("It is good for", days)], {
      does: "Make it",
      submit,
    });
  }
}

const notices = () => {
  const text = el("input", {
    class: "input",
    maxlength: 500,
    "aria-label": "Notice",
    placeholder: "Down for a minute at six",
    dir: "auto",
  });
  const submit = async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const sent = await attemptQuietly(async () => {
      const { connections } = await post("/api/notices", { text: text.value.trim() });
      toast(`Shown at ${connections} ${connections === 1 ? "connection" : "connections"}.`, { kind: "good" });
    });
    if (sent) text.value = "";
  };
  const button = el("button", { class: "button", type: "submit" }, "Post");
  const form = el("form", { class: "row inline-form", onsubmit: submit }, text, button);
  return section("Notice", "Shown now to everybody who is connected; it is kept nowhere.", form);
};

customElements.define("users-page", UsersPage);
