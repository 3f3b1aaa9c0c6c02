/** What the board makes of tickets, names, times, addresses and events. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, intent, withMoves } from "../../../kanban_server/web/model/columns.js";
import { Facts, criteria } from "../../../kanban_server/web/model/facts.js";
import * as filters from "../../../kanban_server/web/model/filter.js";
import { LONGEST, defaultName, hue, initials, tidy, wrongWith } from "../../../kanban_server/web/model/names.js";
import { visible } from "../../../kanban_server/web/model/invisible-characters.js";
import { ticketHistory } from "../../../kanban_server/web/model/ticket-history.js";
import { plain, sentence } from "../../../kanban_server/web/model/sentence.js";
import { ago, daysUntil, duration, whole } from "../../../kanban_server/web/model/time.js";

const COLUMNS = [
  { id: 1, name: "Todo", role: "todo", limit: null },
  { id: 2, name: "Doing", role: "working", limit: 2 },
  { id: 3, name: "Done", role: "done", limit: null },
];
const ticket = (id, current_column, place, more = {}) => ({
  id,
  title: `t${id}`,
  current_column,
  place,
  labels: [],
  ...more,
});
const board = (...tickets) => ({
  board: { column_settings: COLUMNS },
  tickets: new Map(tickets.map((one) => [one.id, one])),
});
const ids = (columns) => columns.map((column) => column.tickets.map((one) => one.id));

test("letters that nobody sees are shown escaped, joiners and line breaks are not", () => {
  assert.equal(visible("a\u202eb\u{e0041}c\ufeff\x1b"), "a\\u202eb\\U000e0041c\\ufeff\\u001b");
  const seen = "می\u200cخواهم 👩\u200d💻 ❤\ufe0f\r\n\tx";
  assert.equal(visible(seen), seen);
});

test("places compare as bytes: capitals before small letters", () => {
  const tickets = [ticket(1, "Todo", "a1"), ticket(2, "Todo", "Zz"), ticket(3, "Todo", "a0V"), ticket(4, "Gone", "a0")];
  const arranged = arrange(board(...tickets));
  assert.deepEqual(ids(arranged), [[2, 3, 1], [], []]);
  const moved = board(...tickets.slice(0, 3), ticket(5, "Doing", "a0"));
  assert.deepEqual(ids(arrange(moved, arranged)), [[2, 3, 1], [5], []]);
});

test("moves under way are shown where they will end, whatever happens around them", () => {
  const columns = arrange(board(ticket(1, "Todo", "a"), ticket(2, "Todo", "b"), ticket(3, "Doing", "a")));
  const shown = (...moves) => ids(withMoves(columns, moves));
  assert.deepEqual(shown({ id: 1, column: "Doing", before: 3 }), [[2], [1, 3], []]);
  assert.deepEqual(shown({ id: 1, column: "Doing", after: 3 }, { id: 2, column: "Doing", before: 1 }), [
    [],
    [3, 2, 1],
    [],
  ]);
  assert.deepEqual(shown({ id: 2, column: "Todo", place: "top" }), [[2, 1], [3], []]);
  assert.deepEqual(shown({ id: 1, column: "Doing", before: 99 }), [[2], [3, 1], []]);
  assert.deepEqual(shown({ id: 99, column: "Doing", place: "top" }, { id: 1, column: "Gone" }), [[1, 2], [3], []]);
  assert.deepEqual(ids(columns), [[1, 2], [3], []]);
});

test("a place is meant as a neighbour, never as a number", () => {
  const others = [ticket(1), ticket(2)];
  assert.deepEqual(
    [intent(others, 0), intent(others, 1), intent(others, 2)],
    [{ before: 1 }, { before: 2 }, { after: 2 }],
  );
  assert.deepEqual(intent([], 0), { place: "bottom" });
});

test("a ticket is ready that nobody holds, that waits for nothing and whose parts are done", () => {
  const state = board(
    ticket(1, "Todo", "a", { blocked_by: [2, 3, 99] }),
    ticket(2, "Done", "a", { parent: 5 }),
    ticket(3, "Doing", "a", { parent: 4 }),
    ticket(4, "Todo", "b"),
    ticket(5, "Todo", "c"),
    ticket(6, "Todo", "d", { claim: { holder: "ada", number: 1 } }),
    ticket(7, "Todo", "e", { labels: ["needs-human"] }),
    ticket(8, "Todo", "f", { not_before: "2999-01-01T00:00:00.000000Z" }),
  );
  const facts = new Facts(state);
  const all = [...state.tickets.values()];
  assert.deepEqual(
    all.filter((one) => facts.ready(one)).map((one) => one.id),
    [5],
  );
  assert.deepEqual(
    facts.blockers(all[0]).map((one) => one.id),
    [3],
  );
  assert.deepEqual(
    facts.waiting(all[2]).map((one) => one.id),
    [1],
  );
  assert.deepEqual(
    facts.children(all[3]).map((one) => one.id),
    [3],
  );
});

test("criteria are the lines of their text", () => {
  assert.deepEqual(criteria("- [x] works\n\n  * [ ] fast\n1) small\nplain\n- [X]"), [
    { number: 1, text: "works", done: true },
    { number: 2, text: "fast", done: false },
    { number: 3, text: "small", done: false },
    { number: 4, text: "plain", done: false },
    { number: 5, text: "", done: true },
  ]);
  assert.deepEqual(criteria(null), []);
});

test("a filter survives its address, and lets through what it says", () => {
  const query = "search=caf%C3%A9+x&assignee=&assignee=ada&label=a%26b&priority=high&ready=1&held=1";
  const filter = filters.read(query);
  assert.equal(filters.write(filter), query);
  assert.equal(filters.write(filters.read("")), "");
  assert.ok(filters.showsAll(filters.read("other=1")));

  const state = board(
    ticket(1, "Todo", "a", { title: "Un Café", assignee: "ada", labels: ["a", "b"], priority: "high" }),
    ticket(2, "Doing", "b", { claim: { holder: "bob", number: 1 }, blocked_by: [1], priority: "1.2" }),
    ticket(31, "Done", "c", { assignee: "bob" }),
  );
  const through = (asked, found) => {
    const passes = filters.matcher(filters.read(asked), new Facts(state), found);
    return [...state.tickets.values()].filter(passes).map((one) => one.id);
  };
  assert.deepEqual(through(""), [1, 2, 31]);
  assert.deepEqual(through("search=CAFE"), [1]);
  assert.deepEqual(through("search=bob"), [2, 31]);
  assert.deepEqual(through("search=%2331"), [31]);
  assert.deepEqual(through("search=nowhere", new Set([2])), [2]);
  assert.deepEqual(through("assignee=&assignee=bob"), [2, 31]);
  assert.deepEqual(through("label=a&label=b"), [1]);
  assert.deepEqual(through("priority=1.2"), [2]);
  assert.deepEqual([through("ready=1"), through("blocked=1"), through("held=1")], [[1], [2], [2]]);
});

test("names are tidied, judged, shortened and coloured", () => {
  assert.equal(tidy("  Ze\u0301 "), "Z\u00e9");
  assert.match(
    defaultName(() => 0.01234),
    /^User0123$/,
  );
  assert.deepEqual(["Ada Lovelace", "claude-3", "bob", "李小龙", "agent7", "🦊 fox", "  ", "émile"].map(initials), [
    ...["AL", "C3", "B", "李", "A7", "🦊F", " ", "É"],
  ]);
  assert.equal(hue("ada"), hue("ada"));
  assert.notEqual(hue("ada"), hue("bob"));
  assert.equal(wrongWith(` ${"é".repeat(LONGEST)} `), null);
  for (const wrong of ["", "  ", "x".repeat(LONGEST + 1), "a\u0007b", "system", "anonymous"])
    assert.ok(wrongWith(wrong), wrong);
});

test("durations are told in their largest unit", () => {
  assert.deepEqual([0, 59, 60, 3600, 86_400, 20 * 86_400, 90 * 86_400, 800 * 86_400, -5].map(duration), [
    ...["0 s", "59 s", "1 min", "1 h", "1 d", "2 w", "2 mo", "2 y", "0 s"],
  ]);
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.deepEqual([ago("2025-12-31T23:59:58Z", now), ago("2025-12-31T21:00:00Z", now)], ["just now", "3 h ago"]);
  assert.deepEqual(
    [daysUntil("2026-03-01", new Date(2026, 1, 27)), daysUntil("2026-02-26", new Date(2026, 1, 27))],
    [2, -1],
  );
});

test("a ticket's past is one story, in which a claim is told once and a reordering not at all", () => {
  const at = (n) => `2026-01-01T00:00:0${n}Z`;
  const change = (id, field_name, old_value, new_value, changed_by, when) => ({
    id,
    ticket_id: 7,
    field_name,
    old_value,
    new_value,
    changed_by,
    changed_at: at(when),
  });
  const history = [
    change(601, "labels", [], ["a"], "bob", 6),
    change(600, "priority", "low", "high", "bob", 6),
    change(500, "place", "a", "b", "bob", 5),
    change(300, "assignee", null, "bob", "bob", 3),
    change(200, "current_column", "A", "B", "ada", 2),
    change(100, "created", null, "Fix", "ada", 1),
  ];
  const attempts = [{ number: 1, holder: "bob", claimed_at: at(3), ended_at: at(7), reason: "released", note: "half" }];
  const comments = [{ id: 9, text: "x", author: "eve", created_at: at(4) }];
  const told = ticketHistory({ history, attempts, comments }).map((item) =>
    item.comment ? `${item.comment.author}: ${item.comment.text}` : plain(item.parts),
  );
  assert.deepEqual(told, [
    "ada created this",
    "ada moved this from A to B",
    "bob claimed this",
    "eve: x",
    "bob changed this: priority to high and label a added",
    "bob released this: half",
  ]);
});

test("events read as sentences", () => {
  const told = (event, data) =>
    plain(sentence({ event, actor: "ada", data: { id: 7, title: "Fix", ...data } }) ?? ["nothing"]);
  assert.equal(told("ticket_moved", { from_column: "A", to_column: "B" }), "ada moved #7 Fix from A to B");
  assert.equal(told("ticket_moved", { from_column: "A", to_column: "A" }), "ada reordered #7 Fix in A");
  assert.equal(
    told("ticket_updated", {
      changes: {
        priority: { from: "low", to: "high" },
        labels: { from: ["a"], to: ["b"] },
        description: { from: null, to: "x" },
        assignee: { from: null, to: "bob" },
      },
    }),
    "ada changed #7 Fix: priority to high, label b added and label a removed, description and assigned to bob",
  );
  const assigned = { changes: { assignee: { from: null, to: "bob" } } };
  assert.equal(told("ticket_updated", assigned), "ada assigned #7 Fix to bob");
  assert.equal(
    told("ticket_updated", { changes: { due_date: { from: "2026-01-01", to: null } } }),
    "ada changed #7 Fix: no due date",
  );
  assert.equal(
    told("ticket_updated", { changes: { needs: { from: [], to: ["db", "gpu"] } } }),
    "ada changed #7 Fix: needs db, gpu",
  );
  const time = "2031-05-17T19:00:00.000000Z";
  assert.equal(
    told("ticket_updated", { changes: { not_before: { from: null, to: time } } }),
    `ada changed #7 Fix: parked until ${whole(time)}`,
  );
  assert.equal(
    told("ticket_updated", { changes: { not_before: { from: time, to: null } } }),
    "ada changed #7 Fix: no longer parked",
  );
  assert.equal(told("ticket_released", { reason: "released", note: "half done" }), "ada released #7 Fix: half done");
  assert.equal(
    told("ticket_released", { reason: "lease_expired" }),
    "ada ended the claim on #7 Fix: its lease ran out",
  );
  assert.equal(told("board_updated", { renamed: { from: "A", to: "B" } }), "ada renamed the column A to B");
  assert.equal(told("lease_renewed", {}), "nothing");
});
