import assert from "node:assert/strict";
import { test } from "node:test";

import { boardPath, figuresPath, read } from "../../../kanban_server/web/model/route.js";

test("every address shows a page, and what is none of ours is missing", () => {
  assert.deepEqual(read("/"), { page: "boards", query: "" });
  assert.deepEqual(read("/board/2/?label=x"), { page: "board", board: 2, ticket: null, query: "label=x" });
  assert.deepEqual(read("/board/2/ticket/12"), { page: "board", board: 2, ticket: 12, query: "" });
  assert.deepEqual(read("/board/2/figures"), { page: "figures", board: 2, query: "" });
  for (const page of ["login", "join", "profile"]) assert.equal(read(`/${page}?next=%2F`).page, page);
  for (const address of ["/boards", "/board/x", "/board/2/ticket/", "/board/1e3", `/board/${"9".repeat(16)}`])
    assert.equal(read(address).page, "missing", address);
});

test("an address that is written is read as what it was written from", () => {
  assert.deepEqual(read(boardPath(2, 12, "ready=1")), { page: "board", board: 2, ticket: 12, query: "ready=1" });
  assert.deepEqual(read(boardPath(2)), { page: "board", board: 2, ticket: null, query: "" });
  assert.equal(read(figuresPath(7)).page, "figures");
});
