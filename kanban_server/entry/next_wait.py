"""Wait for the next ticket of a board within one request, in the order of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from kanban_sdk.wire.bodies import NextRequest
from kanban_server.actions import queries
from kanban_server.actions.next_ticket import NothingYet
from kanban_server.entry.authentication import credential_of, viewer_of
from kanban_server.entry.execute import query
from kanban_server.entry.state import state_of
from kanban_server.entry.stream_limit import check_stream_limit
from kanban_server.live.next_queue import Try, Waiter

T = TypeVar("T")


async def others_wait(request: Request, ticket_id: int) -> bool:
    """Whether somebody still waits for a ticket of this ticket's board, once all who wait have tried.

    For a change that finishes this ticket and claims the next one. Refused: `not-found`.
    """
    state = state_of(request)
    if not state.next_queues.have_waiters:
        return False
    board_id = state.ticket_boards.get(ticket_id)
    if board_id is None:
        board_id = (await query(request, lambda tx: queries.read_ticket(tx, ticket_id))).board_id
    return await state.next_queues.let_waiters_try(board_id)


async def wait_for_next(
    request: Request,
    board_id: int,
    wanted: NextRequest,
    attempt: Callable[[str | None], Awaitable[T]],
    gone: asyncio.Future[object] | None = None,
) -> T:
    """The answer of the first attempt that has one, within `wait_seconds`; else that of a last attempt.

    `attempt` gets None, and raises NothingYet where it has to wait on; the last one gets the place in the queue, which
    the response names. `gone` is done once the client has disconnected. Refused: `too-many-connections`, `stopping`,
    and what the attempt refuses.
    """
    state, viewer = state_of(request), viewer_of(request)
    queue = state.next_queues.of(board_id)
    owner = check_stream_limit(request)

    async def try_once() -> Try[T]:
        try:
            return Try(await attempt(None))
        except NothingYet as nothing:
            return Try(None, nothing.nothing_ready)

    async def may_still_wait() -> bool:
        return await state.authenticator.viewer(credential_of(request)) == viewer

    place, number = queue.take_place(wanted.place)
    waiter = Waiter(queue, state.hub, board_id, try_once, may_still_wait, owner=owner, also_replies=wanted.or_reply)
    answer = await queue.wait(waiter, number, wanted.wait_seconds, gone)
    if answer is not None:
        return answer
    if gone is not None and gone.done():
        raise HTTPException(400, "The client has disconnected.")
    queue.keep_place(place, number)
    return await attempt(place)
