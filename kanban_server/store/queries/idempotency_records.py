"""Responses to requests with an idempotency key, stored in the transaction of the request."""

from __future__ import annotations

from typing import NamedTuple

import orjson
from sqlalchemy import bindparam, delete, insert, select, text, update

from kanban_server.rules.problems import Refusal
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers
from kanban_server.store.transaction import Transaction

_BY_KEY = (answers.c.actor == bindparam("by"), answers.c.key == bindparam("of"))

INSERT_KEY = Statement(
    text(
        "INSERT INTO answers (actor, key, fingerprint, created_at) VALUES (:actor, :key, :fingerprint, :created_at)"
        " ON CONFLICT DO NOTHING"
    )
)
INSERT = Statement(insert(answers).values({column.name: bindparam(column.name) for column in answers.c}))
READ = Statement(select(answers).where(*_BY_KEY))
UPDATE_RESPONSE = Statement(
    update(answers)
    .where(*_BY_KEY)
    .values({name: bindparam(name) for name in ("status", "etag", "body", "boards", "scope")})
)
DELETE_BEFORE = Statement(delete(answers).where(answers.c.created_at < bindparam("before")))

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's error code for a lock that was not granted in time."""


Scope = frozenset[int]
"""The boards that a token is limited to."""


class EncodedResponse(NamedTuple):
    """A response as it is sent."""

    status: int
    body: bytes
    etag: str | None = None
    replayed: bool = False


class IdempotencyRecord(NamedTuple):
    """What is stored for a key that was used before."""

    fingerprint: bytes
    answer: EncodedResponse
    boards: tuple[int, ...]
    """The boards that the request locked. A viewer who may not see all of them does not get the response."""
    scope: Scope | None
    """The scope of the token that got the response; None means no limit."""


def reserve_key(tx: Transaction, actor: str, key: str, fingerprint: bytes, now: str) -> IdempotencyRecord | None:
    """Reserve the key, or return what is stored for it.

    On PostgreSQL the key is inserted first, which waits for a transaction that already has it. Refused:
    `idempotency-pending`, if that takes too long. On SQLite there is no other writer meanwhile.
    """
    if tx.dialect == "sqlite":
        return _find(tx, actor, key)
    try:
        inserted = tx.run(INSERT_KEY, actor=actor, key=key, fingerprint=fingerprint, created_at=now)
    except Exception as error:
        if getattr(error, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        detail = "The first request with this idempotency key is still under way."
        raise Refusal("idempotency-pending", detail, fix="Send the same request again.", retry_after=1) from error
    return None if inserted else _find(tx, actor, key)


def _find(tx: Transaction, actor: str, key: str) -> IdempotencyRecord | None:
    row = tx.one(READ, by=actor, of=key)
    if row is None:
        return None
    response = EncodedResponse(row["status"], bytes(row["body"]), row["etag"], replayed=True)
    scope = frozenset(orjson.loads(row["scope"])) if row["scope"] else None
    return IdempotencyRecord(bytes(row["fingerprint"]), response, tuple(orjson.loads(row["boards"] or "[]")), scope)


def store_response(
    tx: Transaction, actor: str, key: str, fingerprint: bytes, now: str, response: EncodedResponse
) -> None:
    """Store the response under its key, with the boards that it is about and the scope of the token."""
    scope = tx.viewer.boards
    values = {
        "status": response.status,
        "etag": response.etag,
        "body": response.body,
        "boards": orjson.dumps(list(tx.boards)).decode() if tx.boards else None,
        "scope": None if scope is None else orjson.dumps(sorted(scope)).decode(),
    }
    if tx.dialect == "sqlite":
        tx.run(INSERT, actor=actor, key=key, fingerprint=fingerprint, created_at=now, **values)
    else:
        tx.run(UPDATE_RESPONSE, by=actor, of=key, **values)


def delete_before(tx: Transaction, before: str) -> int:
    """Delete the responses from before a time and return their number."""
    return tx.run(DELETE_BEFORE, before=before)
