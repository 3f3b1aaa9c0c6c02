/** The feed keeps the rules that `tests/sdk/stream/test_feed.py` holds Python's to. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Ended, Feed, Lost, Stale } from "../../../kanban_server/web/model/feed.js";

const table = JSON.parse(readFileSync(new URL("../../cases/feed.json", import.meta.url)));

const event = (seq, board_id = 1, event = "ticket_deleted") => ({
  event,
  board_id,
  seq,
  cursor: `ab-${seq}`,
  data: { id: 7 },
});

const outcome = (run, names) => {
  try {
    return names(run());
  } catch (error) {
    if (error instanceof Lost) return "lost";
    if (error instanceof Stale) return "stale";
    if (error instanceof Ended) return "error";
    throw error;
  }
};

const happen = (feed, one) => {
  if (one.waits) for (let n = 0; n < one.waits; n++) feed.wait();
  else if (one.snapshot) feed.restart({ board: { id: 1 }, tickets: [], ...one.snapshot });
  else if (one.closed)
    return outcome(
      () => feed.ended(one.closed),
      (over) => (over ? "over" : "again"),
    );
  else {
    const message = one.message ?? event(one.event, one.board_id, one.named);
    return outcome(
      () => feed.receive(message),
      (given) => (given ? "event" : "nothing"),
    );
  }
};

for (const { name, after, steps, leaves } of table.cases)
  test(name, () => {
    const feed = new Feed(1, after);
    for (const one of steps) assert.equal(happen(feed, one), one.gives, JSON.stringify(one));
    for (const [field, expected] of Object.entries(leaves)) assert.equal(feed[field], expected, field);
    assert.equal(feed.query().after, feed.cursor ?? undefined);
  });

test("waits grow from one second to thirty and are spread over all of it", () => {
  const feed = new Feed(1, "ab-0");
  assert.deepEqual([feed.wait(() => 1), feed.wait(() => 1), feed.wait(() => 0)], [1000, 1500, 0]);
  feed.attempts = 5000;
  assert.equal(
    feed.wait(() => 1),
    30_000,
  );
});
