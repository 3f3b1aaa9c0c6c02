/** The dialogs in which a board is made, changed and deleted. */

import { get, patch, post, put, remove } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/el.js";
import { toast } from "../lib/toast.js";
import { fieldsToSet, otherNames, removals, renames, settingsToSet, wrongWithColumns } from "../model/board-edits.js";
import { ColumnsEditor } from "./columns-editor.js";

const USUAL = [
  { name: "Not Started", role: "todo", limit: null },
  { name: "In Progress", role: "working", limit: null },
  { name: "Blocked", role: "waiting", limit: null },
  { name: "Ready for QC", role: "waiting", limit: null },
  { name: "Done", role: "done", limit: null },
];

/** Make a board. @param {(board: object) => void} made is called with it. */
export const newBoard = (made) => {
  const name = nameField("");
  const description = descriptionField("");
  const editor = new ColumnsEditor(USUAL);
  const submit = async () => {
    const wrong = wrongWith(name.input.value, editor.columns);
    if (wrong) throw new Error(wrong);
    const { columns } = editor;
    const body = { name: name.input.value, description: description.input.value || null, columns: columns.map((column) => column.name) };
    const board = await post("/api/boards", body);
    await setColumns(board, columns);
    made(board);
    return true;
  };
  openDialog("New board", [name.field, description.field, editor.element], { does: "Create", submit, class: "board-dialog" });
};

/** Change a board, and its columns. @param {number} id */
export const boardSettings = async (id) => {
  let board;
  try {
    board = await get(`/api/boards/${id}`);
  } catch (error) {
    toast(error.message, { kind: "bad" });
    return;
  }
  const name = nameField(board.name);
  const description = descriptionField(board.description ?? "");
  const editor = new ColumnsEditor(board.column_settings.map((column) => ({ ...column, count: board.counts[column.name] })));
  const most = el("input", { class: "input", value: board.wip_per_user ?? "", inputmode: "numeric", placeholder: "No limit" });
  const review = el("input", { type: "checkbox", checked: board.review });
  const submit = async () => {
    const { columns, targets } = editor;
    const wip = most.value === "" ? null : Number(most.value);
    const wrong = wrongWith(name.input.value, columns) ?? (wip !== null && !(Number.isInteger(wip) && wip > 0) ? "A limit is a whole number above 0." : null);
    if (wrong) throw new Error(wrong);
    const fields = { name: name.input.value.trim(), description: description.input.value || null, wip_per_user: wip, review: review.checked };
    await change(board, fields, columns, targets);
    return true;
  };
  const content = [
    name.field,
    description.field,
    editor.element,
    el("label", { class: "field short" }, el("span", {}, "Tickets that one user may hold"), most),
    el("label", { class: "check" }, review, "Who works on a ticket does not move it to done: somebody else does"),
  ];
  openDialog("Board settings", content, { does: "Save", submit, class: "board-dialog" });
};

/** Delete a board, once that was confirmed. @param {{id: number, name: string, ticket_count: number}} board */
export const deleteBoard = (board, deleted = () => {}) => {
  const submit = async () => {
    await remove(`/api/boards/${board.id}`);
    toast(`${board.name} is deleted.`);
    deleted();
    return true;
  };
  const count = board.ticket_count;
  const tickets = count ? `Its ${count === 1 ? "ticket goes" : `${count} tickets go`} with it. ` : "";
  openDialog(`Delete ${board.name}?`, [el("p", {}, `${tickets}This can’t be undone here; its log can still be read.`)], {
    does: "Delete the board",
    danger: true,
    submit,
  });
};

/** The changes one after another; each stands by itself, so that after a refusal the rest can be tried again. */
const change = async (board, fields, columns, targets) => {
  const path = `/api/boards/${board.id}`;
  const own = fieldsToSet(board, fields);
  if (Object.keys(own).length) Object.assign(board, await patch(path, own, { version: board.version }));
  for (const { id, name } of renames(board.column_settings, columns)) await patch(`${path}/columns/${id}`, { name });
  Object.assign(board, await get(path));
  await arrange(board, columns, targets);
  await setColumns(board, columns);
};

const arrange = async (board, columns, targets) => {
  const path = `/api/boards/${board.id}/columns`;
  const names = columns.map((column) => column.name);
  const leaving = removals(board.column_settings, columns, targets);
  for (const { name, to } of leaving) {
    const rest = leaving.slice(leaving.findIndex((one) => one.name === name) + 1).map((one) => one.name);
    await put(path, [...names, ...rest], { query: to ? { move_to: to } : {} });
  }
  if (!leaving.length && otherNames(board.columns, names)) await put(path, names);
};

const setColumns = async (board, columns) => {
  const { column_settings: present } = await get(`/api/boards/${board.id}`);
  for (const { id, role, limit } of settingsToSet(present, columns)) await patch(`/api/boards/${board.id}/columns/${id}`, { role, limit });
};

const wrongWith = (name, columns) => (name.trim() ? wrongWithColumns(columns) : "A board has a name.");

const nameField = (value) => {
  const input = el("input", { class: "input", value, maxlength: 100, required: true, autofocus: true, spellcheck: "false" });
  return { input, field: el("label", { class: "field" }, el("span", {}, "Name"), input) };
};

const descriptionField = (value) => {
  const input = el("textarea", { class: "input", rows: 2 }, value);
  return { input, field: el("label", { class: "field" }, el("span", {}, "What it is for"), input) };
};
