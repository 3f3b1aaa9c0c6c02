"""Responses to requests with an idempotency key, stored in the transaction of the request."""

from __future__ import annotations

import orjson
from sqlalchemy import bindparam, delete, select

from kanban_server.store.bulk import bulk_insert
from kanban_server.store.encoded_response import EncodedResponse, IdempotencyRecord
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers
from kanban_server.store.transaction import Row, Transaction

_BY_KEY = (answers.c.actor == bindparam("by"), answers.c.key == bindparam("of"))

INSERT = bulk_insert(answers, [column.name for column in answers.c], order=7)
READ = Statement(select(answers).where(*_BY_KEY))
DELETE_BEFORE = Statement(delete(answers).where(answers.c.created_at < bindparam("before")))


def find(tx: Transaction, owner: str, key: str) -> IdempotencyRecord | None:
    """What is stored for a key; None if it was not used yet.

    A request with the same key that is under way elsewhere is noticed at the commit, which then fails: the key is
    unique.
    """
    if (owner, key) not in tx.unit.records:
        row = tx.one(READ, by=owner, of=key)
        tx.unit.records[owner, key] = None if row is None else decode_row(row)
    return tx.unit.records[owner, key]


def decode_row(row: Row) -> IdempotencyRecord:
    """A stored row as a record."""
    response = EncodedResponse(row["status"], bytes(row["body"]), row["etag"], replayed=True)
    scope = frozenset(orjson.loads(row["scope"])) if row["scope"] else None
    return IdempotencyRecord(bytes(row["fingerprint"]), response, tuple(orjson.loads(row["boards"] or "[]")), scope)


def store_response(
    tx: Transaction, owner: str, key: str, fingerprint: bytes, now: str, response: EncodedResponse
) -> None:
    """Store the response under its key, with the boards that it is about and the scope of the token."""
    scope = tx.viewer.boards
    tx.enqueue(
        INSERT,
        {
            "actor": owner,
            "key": key,
            "fingerprint": fingerprint,
            "status": response.status,
            "etag": response.etag,
            "body": response.body,
            "created_at": now,
            "boards": orjson.dumps(list(tx.boards)).decode() if tx.boards else None,
            "scope": None if scope is None else orjson.dumps(sorted(scope)).decode(),
        },
    )
    tx.unit.records[owner, key] = IdempotencyRecord(
        fingerprint, response._replace(replayed=True), tuple(tx.boards), scope
    )


def delete_before(tx: Transaction, before: str) -> int:
    """Delete the responses from before a time and return their number."""
    return tx.run(DELETE_BEFORE, before=before)
