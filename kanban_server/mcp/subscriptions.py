"""`subscriptions/listen`: notifications that `kanban://prime` or a board's resource has changed."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import SUBSCRIPTION_ID_META_KEY, ResourceUpdated, event_to_notification
from mcp_types import (
    INVALID_REQUEST,
    SubscriptionFilter,
    SubscriptionsAcknowledgedNotification,
    SubscriptionsAcknowledgedNotificationParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
)
from starlette.requests import Request

from kanban_sdk.wire.tools.arguments import BoardState
from kanban_server.actions import queries
from kanban_server.live.board_stream import BoardStream
from kanban_server.mcp.call import Call
from kanban_server.mcp.resources import board_of_resource
from kanban_server.rules.problems import Refusal

MAX_BOARDS = 8
"""Boards of one subscription, at most."""
READ_BATCH = 100
QUIET_SECONDS = 1.0
"""Seconds between two notifications about one board: changes in between are one."""
WAIT_SECONDS = 3600.0


async def listen(
    context: ServerRequestContext[object, Request], params: SubscriptionsListenRequestParams
) -> SubscriptionsListenResult:
    """Notify of changes until the client leaves, the server stops, or the reader may see none of the boards.

    What is no resource, or one that the reader may not see, is left out of the acknowledgement, and so are lists: they
    are to be read again. Refused as errors of the protocol: more than MAX_BOARDS, `too-many-connections`.
    """
    assert context.request is not None
    request_id = context.request_id
    if request_id is None:
        raise MCPError(INVALID_REQUEST, "subscriptions/listen requires a request id")
    call = Call(context.request, "subscriptions", BoardState())
    uris = await _readable(call, params.notifications.resource_subscriptions or [])
    meta: dict[str, Any] = {SUBSCRIPTION_ID_META_KEY: request_id}
    honored = SubscriptionFilter(resource_subscriptions=[uri for board in uris.values() for uri in board] or None)
    acknowledged = SubscriptionsAcknowledgedNotificationParams(notifications=honored, _meta=meta)
    streams: list[BoardStream] = []
    try:
        for board in uris:
            streams.append(await _open(call, board))
        await context.session.send_notification(
            SubscriptionsAcknowledgedNotification(params=acknowledged), related_request_id=request_id
        )
        async with asyncio.TaskGroup() as group:
            for stream in streams:
                group.create_task(_notify(context, stream, uris[stream.board_id], meta))
    finally:
        for stream in streams:
            call.state.hub.remove_stream(stream)
    return SubscriptionsListenResult(_meta=meta)


async def _readable(call: Call, uris: list[str]) -> dict[int, list[str]]:
    """The resources that the reader may see, by board. Raises MCPError for too many boards."""
    boards: dict[int, list[str]] = {}
    for uri in dict.fromkeys(uris):
        try:
            board = await board_of_resource(call, uri)
            await call.read(lambda tx, board=board: queries.read_log_bounds(tx, board))  # type: ignore[misc]
        except Refusal:
            continue
        boards.setdefault(board, []).append(uri)
        if len(boards) > MAX_BOARDS:
            raise MCPError(INVALID_REQUEST, f"A subscription is for at most {MAX_BOARDS} boards.")
    return boards


async def _open(call: Call, board: int) -> BoardStream:
    """A stream of a board from now on. Raises MCPError if there are too many."""
    try:
        bounds, _ = await call.log_position(board, None)
        owner = call.check_stream_limit()
    except Refusal as refusal:
        raise MCPError(INVALID_REQUEST, refusal.detail) from refusal
    hub = call.state.hub
    stream = BoardStream(hub, "mcp", board, bounds.seq, lambda: call.may_still_read(board))
    stream.owner, stream.ended = owner, hub.closing
    hub.add_stream(stream)
    hub.subscribe(stream, board)
    return stream


async def _notify(
    context: ServerRequestContext[object, Request], stream: BoardStream, uris: list[str], meta: dict[str, Any]
) -> None:
    """Notify of a board's changes until its stream ends. Events that were read together are one notification."""
    while not stream.ended:
        changed = False
        while events := await stream.next_events(READ_BATCH):
            stream.seq, changed = events[-1].seq, True
        if changed:
            for uri in uris:
                notification = event_to_notification(ResourceUpdated(uri), meta)
                await context.session.send_notification(notification, related_request_id=context.request_id)
            await asyncio.sleep(QUIET_SECONDS)
        else:
            await stream.wait(WAIT_SECONDS)
