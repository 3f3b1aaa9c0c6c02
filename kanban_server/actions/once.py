"""A retry is harmless: the same request with the same key takes effect once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock
from kanban_server.store import answers
from kanban_server.store.answers import Answer
from kanban_server.store.transaction import Transaction


class Key(NamedTuple):
    """An idempotency key, of whom, and what was asked under it."""

    actor: str
    text: str
    fingerprint: bytes


def checked(text: str) -> str:
    """A key of 1 to 255 characters. Refused: `invalid-request`."""
    if 1 <= len(text) <= limits.IDEMPOTENCY_KEY_CHARACTERS:
        return text
    raise Refusal(
        "invalid-request",
        f"The idempotency key has {len(text)} characters; 1 to {limits.IDEMPOTENCY_KEY_CHARACTERS} are allowed.",
        fix="Send a shorter key, such as a UUID.",
        field="Idempotency-Key",
    )


def once(tx: Transaction, key: Key, answer: Callable[[Transaction], Answer]) -> Answer:
    """The answer to a request, given anew or given again.

    Refused: `idempotency-mismatch` where the key stands for another request, `idempotency-pending` where the first
    request under it takes too long. A refusal is not kept: it leaves with the transaction that it undoes.
    """
    now = clock()
    known = answers.begin(tx, key.actor, key.text, key.fingerprint, now)
    if known is None:
        given = answer(tx)
        answers.finish(tx, key.actor, key.text, key.fingerprint, now, given)
        return given
    if known.fingerprint != key.fingerprint:
        raise Refusal(
            "idempotency-mismatch",
            "This idempotency key was used for another request.",
            fix="Send a new key with a new request.",
        )
    return known.answer
