import assert from "node:assert/strict";
import { test } from "node:test";

import { counts, days, linear, short, spans } from "../../../kanban_server/web/model/scale.js";

const DAY = 86_400;

test("values have places in between, also where all are one", () => {
  const y = linear([0, 10], [100, 0]);
  assert.deepEqual([0, 5, 10].map(y), [100, 50, 0]);
  assert.equal(linear([3, 3], [0, 50])(3), 0);
});

test("counts have round steps from 0 on", () => {
  assert.deepEqual(counts(0), [0, 1]);
  assert.deepEqual(counts(3), [0, 1, 2, 3]);
  assert.deepEqual(counts(140), [0, 50, 100, 150]);
  assert.deepEqual(counts(1043), [0, 500, 1000, 1500]);
});

test("durations have steps that people count in", () => {
  assert.deepEqual(spans(60), [0, 60]);
  assert.deepEqual(
    spans(8 * DAY),
    [0, 2, 4, 6, 8].map((n) => n * DAY),
  );
  assert.deepEqual(spans(4000 * DAY).length, 5);
});

test("days are written evenly, the last one among them", () => {
  assert.deepEqual(days(1), [0]);
  assert.deepEqual(days(14, 7), [1, 3, 5, 7, 9, 11, 13]);
  for (const number of [1, 2, 13, 90, 366]) {
    const written = days(number, 6);
    assert.equal(written.at(-1), number - 1);
    assert.ok(written.length <= 7, `${number}: ${written}`);
  }
});

test("durations are short", () => {
  const said = [0, 0.4, 12, 90, 2700, 5400, 47 * 3600, 2 * DAY, 5.64 * DAY, 12.4 * DAY].map(short);
  assert.deepEqual(said, ["0", "0", "12 s", "1.5 min", "45 min", "1.5 h", "2 d", "2 d", "5.6 d", "12 d"]);
});
