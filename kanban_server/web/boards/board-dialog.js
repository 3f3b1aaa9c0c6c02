/** The dialogs in which a board is made, changed and deleted. */

import { get, newKey, patch, post, put, remove } from "../lib/api.js";
import { openDialog } from "../controls/dialog.js";
import { el } from "../lib/el.js";
import { toast } from "../controls/toast.js";
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
  const key = newKey();
  const submit = async () => {
    const wrong = wrongWith(name.input.value, editor.columns);
    if (wrong) throw new Error(wrong);
    const { columns } = editor;
    const body = {
      name: name.input.value,
      description: description.input.value || null,
      columns: columns.map((column) => column.name),
    };
    made(await make(body, columns, key));
    return true;
  };
  openDialog("New board", [name.field, description.field, editor.element], {
    does: "Create",
    submit,
    class: "board-dialog",
  });
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
  const editor = new ColumnsEditor(
    board.column_settings.map((column) => ({ ...column, count: board.counts[column.name] })),
  );
  const most = el("input", {
    class: "input",
    value: board.wip_per_user ?? "",
    inputmode: "numeric",
    placeholder: "No limit",
  });
  const review = el("input", { type: "checkbox", checked: board.review });
  const submit = async () => {
    const { columns, targets } = editor;
    const wip = most.value === "" ? null : Number(most.value);
    const wrong =
      wrongWith(name.input.value, columns) ??
      (wip !== null && !(Number.isInteger(wip) && wip > 0) ? "A limit is a whole number above 0." : null);
    if (wrong) throw new Error(wrong);
    const fields = {
      name: name.input.value.trim(),
      description: description.input.value || null,
      wip_per_user: wip,
      review: review.checked,
    };
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
  openDialog(
    `Delete ${board.name}?`,
    [el("p", {}, `${tickets}This can’t be undone here; its log can still be read.`)],
    {
      does: "Delete the board",
      danger: true,
      submit,
    },
  );
};

/** Make a board, once for a key. Once it is there, nothing keeps the user from it. */
const make = async (body, columns, key) => {
  let board;
  try {
    board = await post("/api/boards", body, { key });
  } catch (error) {
    if (error.type !== "idempotency-mismatch") throw error;
    throw new Error("The board was made at the first try. Close this, and look for it among the boards.");
  }
  try {
    await setColumns(board, columns);
  } catch (error) {
    toast(`${board.name} is made, but not all of its columns are set: ${error.message}`, { kind: "bad" });
  }
  return board;
};

/** The changes, sent one after another. Each is independent, so that after a refusal the rest can be tried again. */
const change = async (board, fields, columns, targets) => {
  const own = fieldsToSet(board, fields);
  if (Object.keys(own).length) await step(board, patch, "", own);
  for (const { id, name } of renames(board.column_settings, columns))
    await step(board, patch, `/columns/${id}`, { name });
  await arrange(board, columns, targets);
  await setColumns(board, columns);
};

/** One change of a board as it is known here: nothing that somebody else changed meanwhile is undone. */
const step = async (board, send, path, body, query) => {
  const { version } = board;
  try {
    await send(`/api/boards/${board.id}${path}`, body, { query, version });
  } catch (error) {
    if (error.type !== "version-conflict") throw error;
    throw new Error(meanwhile(error.problem.changed));
  }
  const now = await get(`/api/boards/${board.id}`);
  if (now.version > version + 1) throw new Error(meanwhile([]));
  Object.assign(board, now);
};

/** What to say where others have changed the board since the dialog was opened. */
const meanwhile = (changed) => {
  const each = (name) => [...new Set(changed.map((change) => change[name]))].join(", ");
  const what = changed.length
    ? `${each("by")} changed this board meanwhile (${each("field").replaceAll("_", " ")})`
    : "Somebody else changed this board meanwhile";
  return `${what}, so this is not saved over it. Close the settings and open them again to see what is new.`;
};

const arrange = async (board, columns, targets) => {
  const names = columns.map((column) => column.name);
  const leaving = removals(board.column_settings, columns, targets);
  for (const [index, { to }] of leaving.entries()) {
    const rest = leaving.slice(index + 1).map((one) => one.name);
    await step(board, put, "/columns", [...names, ...rest], to ? { move_to: to } : {});
  }
  if (!leaving.length && otherNames(board.columns, names)) await step(board, put, "/columns", names);
};

const setColumns = async (board, columns) => {
  for (const { id, role, limit } of settingsToSet(board.column_settings, columns))
    await step(board, patch, `/columns/${id}`, { role, limit });
};

const wrongWith = (name, columns) => (name.trim() ? wrongWithColumns(columns) : "A board has a name.");

const nameField = (value) => {
  const input = el("input", {
    class: "input",
    value,
    maxlength: 100,
    required: true,
    autofocus: true,
    spellcheck: "false",
  });
  return { input, field: el("label", { class: "field" }, el("span", {}, "Name"), input) };
};

const descriptionField = (value) => {
  const input = el("textarea", { class: "input", rows: 2 }, value);
  return { input, field: el("label", { class: "field" }, el("span", {}, "What it is for"), input) };
};
