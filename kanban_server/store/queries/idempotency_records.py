"""The answers that were given to requests with an idempotency key, kept with what the requests did."""

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
"""PostgreSQL's word for a lock that did not come in time."""


Scope = frozenset[int]
"""The boards that a token is narrowed to."""


class EncodedResponse(NamedTuple):
    """An answer as it goes out."""

    status: int
    body: bytes
    etag: str | None = None
    replayed: bool = False


class IdempotencyRecord(NamedTuple):
    """What is known of a key that was used before."""

    fingerprint: bytes
    answer: EncodedResponse
    boards: tuple[int, ...]
    """The boards that the request locked: whoever may not see one of them is not shown the answer."""
    scope: Scope | None
    """How far the token reached that the answer was given to; None is without limit."""


def reserve_key(tx: Transaction, actor: str, key: str, fingerprint: bytes, now: str) -> IdempotencyRecord | None:
    """Take the key, or give what is known of it.

    On PostgreSQL the key is written first, so that a transaction which has it already is waited for. Refused:
    `idempotency-pending` where that takes too long. On SQLite nobody else writes meanwhile.
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
    """Keep the answer under its key, with the boards that it is about and the scope of the token."""
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
    """Forget the answers given before a time, and count them."""
    return tx.run(DELETE_BEFORE, before=before)
