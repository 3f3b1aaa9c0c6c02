import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fieldsToSet,
  otherNames,
  removals,
  renames,
  settingsToSet,
  wrongWithColumns,
} from "../../../kanban_server/web/model/board-edits.js";

const column = (id, name, role = "waiting", limit = null) => ({ id, name, role, limit });
const [a, b, c] = [column(1, "A", "todo"), column(2, "B"), column(3, "C", "done")];

test("columns have names of their own and whole limits", () => {
  assert.equal(wrongWithColumns([a, b, { name: " new ", limit: 3 }]), null);
  for (const wrong of [
    [],
    [column(1, " ")],
    [a, column(2, "a")],
    [column(1, "in_progress"), column(2, "In  Progress")],
  ])
    assert.ok(wrongWithColumns(wrong));
  for (const limit of [0, -1, 1.5, NaN]) assert.ok(wrongWithColumns([column(1, "A", "todo", limit)]), String(limit));
  assert.ok(wrongWithColumns([column(1, "x".repeat(51))]));
  assert.equal(wrongWithColumns([column(1, "😀".repeat(50))]), null);
});

test("only what differs is set", () => {
  const board = { name: "N", description: null, wip_per_user: 2, review: false };
  assert.deepEqual(fieldsToSet(board, { ...board }), {});
  assert.deepEqual(fieldsToSet(board, { name: "M", description: null, wip_per_user: null }), {
    name: "M",
    wip_per_user: null,
  });
  assert.deepEqual(
    settingsToSet(
      [a, b],
      [
        { ...a, role: "working" },
        { name: "b", role: "waiting", limit: 4 },
      ],
    ),
    [
      { id: 1, role: "working", limit: null },
      { id: 2, role: "waiting", limit: 4 },
    ],
  );
  assert.equal(otherNames(["A", "B"], ["A", "B"]), false);
  assert.equal(otherNames(["A", "B"], ["B", "A"]), true);
  assert.equal(otherNames(["A"], ["A", "B"]), true);
});

test("renames never give one name to two columns on their way", () => {
  const run = (wanted) => {
    const names = new Map([a, b, c].map(({ id, name }) => [id, name]));
    for (const { id, name } of renames([a, b, c], wanted)) {
      assert.ok(
        ![...names].some(([other, taken]) => other !== id && taken.toLowerCase() === name.toLowerCase()),
        `${id} ${name}`,
      );
      names.set(id, name);
    }
    assert.deepEqual(
      [...names.values()],
      wanted.map(({ name }) => name),
    );
  };
  run([a, b, c]);
  run([{ ...a, name: "a" }, { ...b, name: "X" }, c]);
  run([
    { ...a, name: "B" },
    { ...b, name: "C" },
    { ...c, name: "D" },
  ]);
  run([{ ...a, name: "B" }, { ...b, name: "A" }, c]);
  run([
    { ...a, name: "B" },
    { ...b, name: "C" },
    { ...c, name: "A" },
  ]);
});

test("a column that goes says where its tickets go", () => {
  assert.deepEqual(removals([a, b, c], [c, { name: "new" }], new Map([[1, "new"]])), [
    { name: "A", to: "new" },
    { name: "B", to: null },
  ]);
});
