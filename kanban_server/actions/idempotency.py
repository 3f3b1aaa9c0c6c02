"""Idempotency: a request that is retried with the same key takes effect once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_server.clock import utc_now
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.encoded_response import EncodedResponse, IdempotencyRecord
from kanban_server.store.queries import boards, idempotency_records
from kanban_server.store.transaction import Transaction


class IdempotencyKey(NamedTuple):
    """An idempotency key, its owner, and the fingerprint of its request."""

    owner: str
    """See `key_owner`."""
    text: str
    fingerprint: bytes


def key_owner(actor: Actor) -> str:
    """The owner of the actor's keys: the user's id, which survives a change of name; without users, the name.

    The id is prefixed with a blank. No name begins with one, so ids and names never collide.
    """
    return actor.name if actor.id is None else f" {actor.id}"


def check_key(text: str) -> str:
    """Check that a key has 1 to 255 characters, and return it. Refused: `invalid-request`."""
    if 1 <= len(text) <= limits.IDEMPOTENCY_KEY_CHARACTERS:
        return text
    raise Refusal(
        "invalid-request",
        f"The idempotency key has {len(text)} characters; 1 to {limits.IDEMPOTENCY_KEY_CHARACTERS} are allowed.",
        fix="Send a shorter key, such as a UUID.",
        field="Idempotency-Key",
    )


def run_once(
    tx: Transaction, key: IdempotencyKey, execute: Callable[[Transaction], EncodedResponse]
) -> EncodedResponse:
    """Execute a request, or return the stored response of its first execution.

    Refused: `idempotency-mismatch` if the key was used for another request, or the response was stored for a token of a
    wider scope; `not-found` if the viewer may no longer see a board that the response is about; `idempotency-pending`
    if the first request with the key takes too long. A refusal is not stored: it rolls back with its transaction.
    """
    now = utc_now()
    record = idempotency_records.find(tx, key.owner, key.text)
    if record is None:
        response = execute(tx)
        idempotency_records.store_response(tx, key.owner, key.text, key.fingerprint, now, response)
        return response
    if record.fingerprint != key.fingerprint:
        raise Refusal(
            "idempotency-mismatch",
            "This idempotency key was used for another request.",
            fix="Send a new key with a new request.",
        )
    _check_visible(tx, record)
    return record.answer


def _check_visible(tx: Transaction, record: IdempotencyRecord) -> None:
    """Check that the viewer may see the stored response now. This includes responses about a board's deletion.

    Refused: `not-found`, `idempotency-mismatch`, `not-allowed`.
    """
    viewer = tx.viewer
    if not viewer.is_limited and viewer.can_write:
        return
    permissions.check_may_write(viewer)
    for board_id in record.boards:
        if boards.READ.one(tx, board_id=board_id) is None:
            raise not_found("board", board_id, fix="List the boards.")
    if viewer.boards is not None and not (record.scope is not None and record.scope <= viewer.boards):
        raise Refusal(
            "idempotency-mismatch",
            "The first request under this idempotency key came with a token that reaches further than this one.",
            fix="Send it again with that token; with this one, send a new key.",
        )
