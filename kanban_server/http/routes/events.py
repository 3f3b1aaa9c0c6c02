"""A board's event log over HTTP: pages, a stream (server-sent events), and the snapshot that it folds to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import orjson
from annotated_types import Ge, Le
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.event_pages import EventPage
from kanban_sdk.wire.users import AuditEntry
from kanban_server.actions import queries
from kanban_server.actions.queries import LogBounds
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.log_position import read_log_position
from kanban_server.entry.state import state_of
from kanban_server.entry.stream_limit import check_stream_limit
from kanban_server.http.responses import compressed_response, read_response, shared_response
from kanban_server.http.routing import Router
from kanban_server.rules import cursors
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.problems import Refusal
from kanban_server.store.encoded_response import EncodedResponse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
from kanban_server.http.sse import ServerSentEvents

router = Router(prefix="/api/boards", tags=["log"])


@router.get("/{board_id}/snapshot", response_model=Snapshot)
async def get_snapshot(request: Request, board_id: Id, bodies: bool = True) -> Response:
    """The board, its columns and its tickets at one event of its log; watching from its cursor joins without a gap."""
    what = "snapshot" if bodies else "snapshot without bodies"
    return await shared_response(request, board_id, what, queries.read_snapshot, board_id, bodies=bodies)


@router.get("/{board_id}/base", response_model=Snapshot)
async def get_base(request: Request, board_id: Id) -> Response:
    """The board as it was at the floor of its log, where older events were trimmed: folding goes on from there."""
    snapshot = await state_of(request).database.read(viewer_of(request), queries.read_base, board_id)
    return await compressed_response(request, EncodedResponse(200, snapshot))


@router.get("/{board_id}/audit", response_model=list[AuditEntry])
async def get_audit(
    request: Request,
    board_id: Id,
    ticket_id: Id | None = None,
    before: Id = limits.ID_MOST,
    limit: Annotated[int, Ge(1), Le(limits.EVENTS_PAGE)] = limits.PAGE,
) -> Response:
    """Who the events were from, the newest first: with which token, from which address; for admins of the server."""
    return await read_response(request, queries.read_audit, board_id, ticket_id, before, limit)


@router.get(
    "/{board_id}/events",
    response_model=EventPage,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "The board is deleted, and a stream has nothing more."},
        410: {"description": "The cursor can't be served."},
    },
)
async def get_events(
    request: Request,
    board_id: Id,
    after: str | None = None,
    limit: Annotated[int, Ge(1), Le(limits.EVENTS_PAGE)] = limits.EVENTS_PAGE,
) -> Response:
    """A page of the log behind a cursor (from the beginning where none is named), or, as `text/event-stream`, all that
    comes behind it for as long as the client listens (from now on where none is named; `Last-Event-ID` resumes). The
    header `Kanban-Cursor` is the cursor at which a stream begins; 204: the board is deleted, and nothing more comes.
    """
    state = state_of(request)
    wants_stream = "text/event-stream" in request.headers.get("accept", "")
    if wants_stream:
        after = request.headers.get("last-event-id") or after
    bounds, cursor = await read_log_position(request, board_id, after)
    if wants_stream:
        if state.hub.closing:
            raise Refusal("stopping", "The server is stopping.", fix="Connect again.", retry_after=1)
        start = bounds.seq if cursor is None else cursor.seq
        if bounds.deleted and start >= bounds.seq:
            return Response(status_code=204)  # the standard's way to say that reconnecting is of no use
        stream = ServerSentEvents(state, request, board_id, start, deleted=bounds.deleted)
        return EventStream(request, stream, cursors.format_cursor(bounds.epoch, start))
    seq = bounds.floor if cursor is None else cursor.seq
    return await compressed_response(
        request, _encode_page(bounds, await state.hub.events_after(board_id, seq, limit), seq)
    )


def _encode_page(bounds: LogBounds, events: list[EncodedEvent], seq: int) -> EncodedResponse:
    last = events[-1].seq if events else seq
    head = max(bounds.seq, last)
    tail = orjson.dumps({"cursor": cursors.format_cursor(bounds.epoch, last), "head": head, "more": last < head})
    return EncodedResponse(200, b'{"events":[%b],%b' % (b",".join(event.json for event in events), tail[1:]))


class EventStream(StreamingResponse):
    """A streaming response. It counts as a stream from the moment at which there was room for it."""

    def __init__(self, request: Request, stream: ServerSentEvents, cursor: str) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Kanban-Cursor": cursor}
        super().__init__(stream.lines(), 200, headers, "text/event-stream")
        self._request = request
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream. Refused: `too-many-connections`."""
        hub = state_of(self._request).hub
        self._stream.owner = check_stream_limit(self._request)
        hub.add_stream(self._stream)
        try:
            await super().__call__(scope, receive, send)
        finally:
            hub.remove_stream(self._stream)
