"""A retry is harmless: the same request with the same key takes effect once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_server.rules import access
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.rules.times import clock
from kanban_server.store import answers, boards
from kanban_server.store.answers import Answer, Known
from kanban_server.store.transaction import Transaction


class Key(NamedTuple):
    """An idempotency key, of whom, and what was asked under it."""

    owner: str
    """See `owner`."""
    text: str
    fingerprint: bytes


def owner(actor: Actor) -> str:
    """Whose keys these are: a user's id, which outlives a change of name; without users, the name.

    No name begins with a blank, so that the two are never the same.
    """
    return actor.name if actor.id is None else f" {actor.id}"


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

    Refused: `idempotency-mismatch` where the key stands for another request, or the answer was given to a token of a
    wider scope; `not-found` where the one who asks may no longer see a board that it is about; `idempotency-pending`
    where the first request under it takes too long. A refusal is not kept: it leaves with the transaction that it
    undoes.
    """
    now = clock()
    known = answers.begin(tx, key.owner, key.text, key.fingerprint, now)
    if known is None:
        given = answer(tx)
        answers.finish(tx, key.owner, key.text, key.fingerprint, now, given)
        return given
    if known.fingerprint != key.fingerprint:
        raise Refusal(
            "idempotency-mismatch",
            "This idempotency key was used for another request.",
            fix="Send a new key with a new request.",
        )
    _check_may_see(tx, known)
    return known.answer


def _check_may_see(tx: Transaction, known: Known) -> None:
    """A kept answer is given again only to who may see it now, also one that tells of a board's deletion."""
    viewer = tx.viewer
    if not viewer.limited and viewer.writes:
        return
    access.check_writes(viewer)
    for board_id in known.boards:
        if boards.READ.one(tx, board_id=board_id) is None:
            raise not_found("board", board_id, fix="List the boards.")
    if viewer.boards is not None and not (known.scope is not None and known.scope <= viewer.boards):
        raise Refusal(
            "idempotency-mismatch",
            "The first request under this idempotency key came with a token that reaches further than this one.",
            fix="Send it again with that token; with this one, send a new key.",
        )
