"""Run a read or a change of a request in a transaction, once per idempotency key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import orjson
from starlette.requests import Request

from kanban_server.actions.idempotency import IdempotencyKey, run_once
from kanban_server.actions.leases import check_lease
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.state import state_of
from kanban_server.rules.actors import Actor
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.preload import NO_NEEDS, Needs
from kanban_server.store.transaction import ReadTransaction, Transaction

T = TypeVar("T")


async def execute(
    request: Request, actor: Actor, action: Callable[[Transaction], T], *, lane: int | None, needs: Needs = NO_NEEDS
) -> T:
    """Run a change under the actor's lease, if any; returns after the commit.

    `lane` is the only board that it changes, if known; `needs` is what the batch loads for it.
    """
    return await state_of(request).database.write(
        viewer_of(request), _under_lease(actor, action), lane=lane, needs=needs
    )


async def execute_once(
    request: Request,
    actor: Actor,
    action: Callable[[Transaction], EncodedResponse],
    *,
    key: IdempotencyKey | None,
    lane: int | None,
    tickets: tuple[int, ...] = (),
    next_for: tuple[str, ...] = (),
) -> EncodedResponse:
    """Run a change under the actor's lease, if any, once per idempotency key, if any; returns after the commit.

    `lane` is the only board that it changes, if known, `tickets` are those that it names, and `next_for` are the names
    of the user for whom it chooses a next ticket.
    """
    if key is None:
        return await execute(request, actor, action, lane=lane, needs=Needs(tickets, None, next_for))
    run_under_lease = _under_lease(actor, action)
    needs = Needs(tickets, (key.owner, key.text), next_for)
    return await state_of(request).database.write(
        viewer_of(request), lambda tx: run_once(tx, key, run_under_lease), lane=lane, needs=needs
    )


def _under_lease(actor: Actor, action: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    def run(tx: Transaction) -> T:
        check_lease(tx, actor)
        return action(tx)

    return run


async def query(request: Request, read: Callable[[ReadTransaction], T]) -> T:
    """Run a read in one consistent view."""
    return await state_of(request).database.read(viewer_of(request), read)


def encode_result(result: object, status: int, warnings: Sequence[Mapping[str, object]] = ()) -> EncodedResponse:
    """Encode an action's result with its warnings; its version becomes the ETag."""
    version = getattr(result, "version", None)
    body = orjson.dumps(result)
    if warnings and body.startswith(b"{"):
        body = b'%b,"warnings":%b}' % (body[:-1], orjson.dumps(warnings))
    return EncodedResponse(status, body, None if version is None else f'"{version}"')
