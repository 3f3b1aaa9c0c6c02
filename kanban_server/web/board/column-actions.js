/** Changes of a board's columns, made on the board itself. */

import { get, patch, post, put } from "../lib/api.js";
import { openDialog } from "../controls/dialog.js";
import { el } from "../lib/el.js";
import { menuItem } from "../controls/menu.js";
import { go } from "../lib/navigation.js";
import { toast } from "../controls/toast.js";
import { undoable } from "../lib/undo.js";
import { ROLES } from "../model/board-edits.js";
import { archivePath } from "../model/route.js";

export class ColumnActions {
  #live;

  constructor(live) {
    this.#live = live;
  }

  /** The entries of a column's menu. @param element has `startRename()`, `fold(on)`, `add()`. @param selection of tickets */
  menu(column, close, element, selection) {
    const names = this.#names;
    const at = names.indexOf(column.name);
    const item = (glyph, title, run) => menuItem(glyph, title, run, close);
    return [
      item("add", "Add a ticket", () => element.add()),
      column.tickets.length > 0 && item("check", "Select all", () => selection.set(column.tickets.map(({ id }) => id))),
      el("hr"),
      item("edit", "Rename", () => element.startRename()),
      item("settings", "Limit and meaning", () => this.#edit(column)),
      at > 0 && item("back", "Move left", () => this.#shift(column.name, -1)),
      at < names.length - 1 && item("forward", "Move right", () => this.#shift(column.name, 1)),
      item("add", "Add a column to the right", () => this.#add(at + 1)),
      item("fold", "Fold", () => element.fold(true)),
      column.role === "done" && [el("hr"), item("archive", "Archive all done", () => this.#archive())],
    ];
  }

  rename(column, name) {
    return this.#run(async () => {
      await this.#set(column.id, { name });
      undoable(`Renamed ${column.name} to ${name}`, () => this.#set(column.id, { name: column.name }));
    });
  }

  get #names() {
    return this.#live.columns.map(({ name }) => name);
  }

  #edit(column) {
    const limit = el("input", {
      class: "input",
      value: column.limit ?? "",
      inputmode: "numeric",
      placeholder: "No limit",
    });
    const role = el(
      "select",
      { class: "input" },
      ROLES.map(([value, title]) => el("option", { value, selected: value === column.role }, title)),
    );
    const submit = async () => {
      const most = limit.value.trim() === "" ? null : Number(limit.value);
      if (most !== null && !(Number.isInteger(most) && most > 0)) throw new Error("A limit is a whole number above 0.");
      await this.#set(column.id, { limit: most, role: role.value });
      undoable(`Changed ${column.name}`, () => this.#set(column.id, { limit: column.limit, role: column.role }));
      return true;
    };
    const field = (title, control) => el("label", { class: "field" }, el("span", {}, title), control);
    const content = [field("The most tickets it may hold", limit), field("What it means", role)];
    openDialog(column.name, content, { does: "Save", submit });
  }

  #add(at) {
    const name = el("input", { class: "input", maxlength: 50, dir: "auto" });
    const submit = async () => {
      if (!name.value.trim()) throw new Error("A column has a name.");
      await this.#setNames((names) => names.toSpliced(at, 0, name.value.trim()));
      return true;
    };
    openDialog("New column", [el("label", { class: "field" }, el("span", {}, "Name"), name)], { does: "Add", submit });
  }

  #shift(name, step) {
    return this.#run(async () => {
      const shift = (step) => (names) =>
        names.toSpliced(names.indexOf(name), 1).toSpliced(names.indexOf(name) + step, 0, name);
      await this.#setNames(shift(step));
      undoable(`Moved ${name} ${step < 0 ? "left" : "right"}`, () => this.#setNames(shift(-step)));
    });
  }

  #archive() {
    return this.#run(async () => {
      const board = this.#live.id;
      let count = 0;
      for (let more = true; more; ) {
        const answer = await post(`/api/boards/${board}/archive`, { days: 0 });
        count += answer.archived;
        more = answer.more;
      }
      const action = { name: "Open the archive", run: () => go(archivePath(board)) };
      toast(count === 1 ? "1 ticket is archived." : `${count} tickets are archived.`, { action, stays: 10_000 });
    });
  }

  #set(id, fields) {
    return patch(`/api/boards/${this.#live.id}/columns/${id}`, fields);
  }

  /** Change the names as they are on the server by now. */
  async #setNames(change) {
    const { columns, version } = await get(`/api/boards/${this.#live.id}`);
    return put(`/api/boards/${this.#live.id}/columns`, change(columns), { version });
  }

  async #run(change) {
    try {
      await change();
    } catch (error) {
      toast(`The columns are as they were: ${error.message}`, { kind: "bad" });
    }
  }
}
