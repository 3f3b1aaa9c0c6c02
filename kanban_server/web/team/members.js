/** The members of a board and their roles. */

import { get, post, remove } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { combobox } from "../controls/combobox.js";
import { confirm } from "../controls/confirm.js";
import { el, fill } from "../lib/el.js";
import { actionButton, attemptQuietly, selectField, table } from "../lib/page-parts.js";
import { session } from "../lib/session.js";
import { folded } from "../model/filter.js";
import { whole } from "../model/time.js";

const ROLES = { admin: "Admin", user: "User", viewer: "Viewer" };

export class Members {
  element = el("div");
  #board;
  #members = [];
  #users = [];

  constructor(board) {
    this.#board = board;
  }

  get #path() {
    return `/api/boards/${this.#board}/members`;
  }

  /** Whether the user may change the members. */
  get mayAdminister() {
    const { user } = session();
    return user?.role === "admin" || this.#members.some(({ name, role }) => name === user?.name && role === "admin");
  }

  async load() {
    [this.#members, this.#users] = await Promise.all([get(this.#path), get("/api/users")]);
    this.#draw();
  }

  #draw() {
    const agents = this.#users.filter(
      ({ kind, owner, disabled }) => kind === "agent" && !disabled && this.#members.some(({ name }) => name === owner),
    );
    const rows = [
      ...this.#members.map((member) => [
        person(member.name, member.display_name),
        this.#role(member),
        member.team ?? "",
        el("time", { class: "muted", datetime: member.since }, whole(member.since)),
        this.#removeButton(member),
      ]),
      ...agents.map(({ name, display_name: shown, owner }) => [person(name, shown), `agent of ${owner}`, "", "", ""]),
    ];
    fill(this.element, table(["Name", "Role", "Team", "Since", ""], rows), this.mayAdminister && this.#addForm());
  }

  #role({ name, role }) {
    if (!this.mayAdminister) return ROLES[role];
    const onchange = async ({ target }) => {
      if (!(await attemptQuietly(() => this.#set({ user: name, role: target.value })))) this.#draw();
    };
    return selectField(ROLES, role, { "aria-label": `Role of ${name}`, onchange });
  }

  #removeButton({ name }) {
    const own = name === session().user?.name;
    if (!this.mayAdminister && !own) return "";
    const run = async () => {
      const text = own ? "You see this board no longer." : `${name} and their agents see this board no longer.`;
      const question = { title: own ? "Leave this board?" : `Remove ${name}?`, text, button: own ? "Leave" : "Remove" };
      if ((await confirm({ ...question, danger: true })) === null) return;
      await remove(`${this.#path}/${encodeURIComponent(name)}`);
      await this.load();
    };
    const button = actionButton(own ? "Leave" : "Remove", run, "small");
    button.setAttribute("aria-label", own ? "Leave this board" : `Remove ${name}`);
    return button;
  }

  #addForm() {
    const role = selectField(ROLES, "user", { "aria-label": "Role of the new member" });
    const isMember = (name) => this.#members.some((member) => member.name === name);
    const people = this.#users.filter(({ kind, name, disabled }) => kind === "person" && !disabled && !isMember(name));
    const teams = [...new Set(this.#users.map(({ team }) => team).filter(Boolean))];
    const suggest = (text) => {
      const fits = ({ value }) => folded(value).includes(folded(text.trim()));
      const named = people.map(({ name, display_name: shown }) => ({
        value: name,
        note: shown ?? "",
        node: avatar(name, { hidden: true }),
      }));
      const grouped =
        session().user?.role === "admin"
          ? teams.map((team) => ({ value: `team ${team}`, note: "all of the team" }))
          : [];
      return [...named, ...grouped].filter(fits);
    };
    const { element, input } = combobox({
      label: "Add a member",
      placeholder: "Add a member by name",
      maxlength: 70,
      free: true,
      suggest,
      take: () => {},
    });
    const submit = async (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (!name) return;
      const team = teams.find((one) => name === `team ${one}`);
      if (await attemptQuietly(() => this.#set({ ...(team ? { team } : { user: name }), role: role.value })))
        input.value = "";
    };
    const button = el("button", { class: "button", type: "submit" }, "Add");
    return el("form", { class: "row inline-form", onsubmit: submit }, element, role, button);
  }

  async #set(body) {
    await post(this.#path, body);
    await this.load();
  }
}

const person = (name, shown) =>
  el("span", { class: "row" }, avatar(name, { hidden: true }), el("span", {}, shown ? `${shown} (${name})` : name));
