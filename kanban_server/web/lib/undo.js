/** The user's own changes of this page that can be taken back, the last one first. */

import { toast } from "../controls/toast.js";

const KEPT = 50;
const STAYS = 8_000;
/** @type {{text: string, undo: () => Promise<any>}[]} */
const stack = [];

/**
 * Tell what the user did, and offer to take it back.
 *
 * @param {string} text what was done: `Moved #12 to Done`
 * @param {() => Promise<any>} undo takes it back; it throws where somebody else has changed the same thing since.
 */
export const undoable = (text, undo) => {
  const entry = { text, undo };
  stack.push(entry);
  if (stack.length > KEPT) stack.shift();
  toast(`${text}.`, { key: "undo", stays: STAYS, action: { name: "Undo", run: () => take(entry) } });
};

/** Take the last change back. */
export const undoLast = () => {
  const entry = stack.at(-1);
  if (entry) take(entry);
  else toast("There is nothing to undo.", { key: "undo", stays: 3_000 });
};

/** Forget all: another user is here, or another board. */
export const forgetUndo = () => stack.splice(0);

const take = async (entry) => {
  const at = stack.indexOf(entry);
  if (at >= 0) stack.splice(at, 1);
  try {
    await entry.undo();
    toast(`Undone: ${entry.text}.`, { key: "undo", stays: 3_000 });
  } catch (error) {
    toast(`Not undone (${entry.text}): ${whyNot(error)}`, { kind: "bad", stays: 12_000 });
  }
};

const whyNot = (error) => {
  const changed = error.problem?.changed;
  if (error.type !== "version-conflict" || !changed?.length) return error.message;
  const { by, field } = changed.at(-1);
  return `${by} has changed its ${field.replace("current_", "").replaceAll("_", " ")} since.`;
};
