"""The answers that were given to requests with an idempotency key, kept with what the requests did."""

from __future__ import annotations

from typing import NamedTuple

import orjson
from sqlalchemy import bindparam, delete, insert, select, text, update

from kanban_server.rules.refusals import Refusal
from kanban_server.store.statements import Statement
from kanban_server.store.tables import answers
from kanban_server.store.transaction import Transaction

_KEY = (answers.c.actor == bindparam("by"), answers.c.key == bindparam("of"))

BEGIN = Statement(
    text(
        "INSERT INTO answers (actor, key, fingerprint, created_at) VALUES (:actor, :key, :fingerprint, :created_at)"
        " ON CONFLICT DO NOTHING"
    )
)
KEEP = Statement(insert(answers).values({column.name: bindparam(column.name) for column in answers.c}))
READ = Statement(select(answers).where(*_KEY))
FINISH = Statement(
    update(answers)
    .where(*_KEY)
    .values({name: bindparam(name) for name in ("status", "etag", "body", "boards", "scope")})
)
FORGET = Statement(delete(answers).where(answers.c.created_at < bindparam("before")))

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's word for a lock that did not come in time."""


Scope = frozenset[int]
"""The boards that a token is narrowed to."""


class Answer(NamedTuple):
    """An answer as it goes out."""

    status: int
    body: bytes
    etag: str | None = None
    replayed: bool = False


class Known(NamedTuple):
    """What is known of a key that was used before."""

    fingerprint: bytes
    answer: Answer
    boards: tuple[int, ...]
    """The boards that the request locked: whoever may not see one of them is not shown the answer."""
    scope: Scope | None
    """How far the token reached that the answer was given to; None is without limit."""


def begin(tx: Transaction, actor: str, key: str, fingerprint: bytes, now: str) -> Known | None:
    """Take the key, or give what is known of it.

    On PostgreSQL the key is written first, so that a transaction which has it already is waited for. Refused:
    `idempotency-pending` where that takes too long. On SQLite nobody else writes meanwhile.
    """
    if tx.dialect == "sqlite":
        return _known(tx, actor, key)
    try:
        taken = tx.run(BEGIN, actor=actor, key=key, fingerprint=fingerprint, created_at=now)
    except Exception as error:
        if getattr(error, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        detail = "The first request with this idempotency key is still under way."
        raise Refusal("idempotency-pending", detail, fix="Send the same request again.", retry_after=1) from error
    return None if taken else _known(tx, actor, key)


def _known(tx: Transaction, actor: str, key: str) -> Known | None:
    row = tx.one(READ, by=actor, of=key)
    if row is None:
        return None
    answer = Answer(row["status"], bytes(row["body"]), row["etag"], replayed=True)
    scope = frozenset(orjson.loads(row["scope"])) if row["scope"] else None
    return Known(bytes(row["fingerprint"]), answer, tuple(orjson.loads(row["boards"] or "[]")), scope)


def finish(tx: Transaction, actor: str, key: str, fingerprint: bytes, now: str, answer: Answer) -> None:
    """Keep the answer under its key, with the boards that it is about and the scope of the token."""
    scope = tx.viewer.boards
    given = {
        "status": answer.status,
        "etag": answer.etag,
        "body": answer.body,
        "boards": orjson.dumps(list(tx.boards)).decode() if tx.boards else None,
        "scope": None if scope is None else orjson.dumps(sorted(scope)).decode(),
    }
    if tx.dialect == "sqlite":
        tx.run(KEEP, actor=actor, key=key, fingerprint=fingerprint, created_at=now, **given)
    else:
        tx.run(FINISH, by=actor, of=key, **given)


def forget(tx: Transaction, before: str) -> int:
    """Forget the answers given before a time, and count them."""
    return tx.run(FORGET, before=before)
