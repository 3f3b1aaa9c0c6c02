/** The board's fold keeps the rules that `tests/sdk/stream/test_fold.py` holds Python's to. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { BOARD_FIELDS, EMPTY, TICKET_FIELDS, begin, fold } from "../../../kanban_server/web/model/board.js";

const table = JSON.parse(readFileSync(new URL("../../cases/fold.json", import.meta.url)));

const events = (named) =>
  [["board_created", { id: 1, columns: ["A", "B"] }], ["ticket_created", table.ticket], ...named].map(
    ([event, data], index) => ({ event, board_id: 1, seq: index + 1, cursor: `ab-${index + 1}`, actor: "ada", data }),
  );

for (const { name, events: named, tickets, deleted = false } of table.cases)
  test(name, () => {
    const once = fold(EMPTY, events(named));
    assert.deepEqual(
      [...once.tickets.values()],
      tickets.map((ticket) => ({ ...table.ticket, ...ticket })),
    );
    assert.deepEqual([once.seq, once.cursor, once.deleted], [named.length + 2, `ab-${named.length + 2}`, deleted]);

    let twice = EMPTY;
    for (const event of events(named)) twice = fold(fold(twice, [event]), [event]);
    assert.deepEqual(twice, once);
  });

test("the stored fields are those that Python stores", () => {
  assert.deepEqual([...TICKET_FIELDS].sort(), [...table.ticket_fields].sort());
  assert.deepEqual([...BOARD_FIELDS].sort(), [...table.board_fields].sort());
});

test("an event changes no board and no ticket that it does not speak of", () => {
  const before = fold(EMPTY, events([["ticket_created", { ...table.ticket, id: 8 }]]));
  const copy = structuredClone(before);
  const after = fold(before, [{ event: "ticket_updated", seq: 4, cursor: "ab-4", data: { id: 7, title: "u" } }]);
  assert.deepEqual(before, copy);
  assert.equal(after.tickets.get(8), before.tickets.get(8));
  assert.notEqual(after.tickets.get(7), before.tickets.get(7));
});

test("a snapshot begins anew and leaves out what is derived", () => {
  const snapshot = {
    board: { id: 1, name: "b", ticket_count: 1 },
    tickets: [{ ...table.ticket, children: 2 }],
    seq: 9,
    cursor: "cd-9",
  };
  const board = fold(fold(EMPTY, events([])), [{ event: "snapshot", seq: 9, cursor: "cd-9", snapshot }]);
  assert.deepEqual(board, begin(snapshot));
  assert.deepEqual([board.board, [...board.tickets.values()]], [{ id: 1, name: "b" }, [table.ticket]]);
});
