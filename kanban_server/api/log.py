"""A board's log over HTTP: a page of it, a stream of it (server-sent events), and the snapshot that it folds to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import orjson
from annotated_types import Ge, Le
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.events import EventPage
from kanban_sdk.wire.users import Audited
from kanban_server.actions import reading as readings
from kanban_server.actions.reading import Standing
from kanban_server.api.guard import client_of
from kanban_server.api.parts import Parts, parts_of
from kanban_server.api.replies import JSONBytes, reading, shared
from kanban_server.api.room import check_room
from kanban_server.api.roster import ended_in, viewer_of
from kanban_server.api.routes import StrictRoute
from kanban_server.api.staying import stays
from kanban_server.live.channel import Channel
from kanban_server.rules import cursors
from kanban_server.rules.events import Logged
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock
from kanban_server.store.answers import Answer

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

router = APIRouter(prefix="/api/boards", tags=["log"], route_class=StrictRoute)

REPLAY = 100
"""Events that a stream reads and writes at a time, at most."""
FIRST = 8
"""Events that it reads at first; then more, as long as they are short."""
GIVEN_BYTES = 128 * 1024
"""Bytes of them, at most; one event may be longer."""


@router.get("/{board_id}/snapshot", response_model=Snapshot)
async def get_snapshot(request: Request, board_id: Id, bodies: bool = True) -> Response:
    """The board, its columns and its tickets at one event of its log; watching from its cursor joins without a gap."""
    what = "snapshot" if bodies else "snapshot without bodies"
    return await shared(request, board_id, what, readings.snapshot, board_id, bodies=bodies)


@router.get("/{board_id}/base", response_model=Snapshot)
async def get_base(request: Request, board_id: Id) -> Response:
    """The board as it was at the floor of its log, where older events were trimmed: folding goes on from there."""
    kept = await parts_of(request).database.read(viewer_of(request), readings.base, board_id)
    return JSONBytes(Answer(200, kept))


@router.get("/{board_id}/audit", response_model=list[Audited])
async def get_audit(
    request: Request,
    board_id: Id,
    ticket_id: Id | None = None,
    before: Id = limits.ID_MOST,
    limit: Annotated[int, Ge(1), Le(limits.EVENTS_PAGE)] = limits.PAGE,
) -> Response:
    """Who the events were from, the newest first: with which token, from which address; for admins of the server."""
    return await reading(request, readings.audit, board_id, ticket_id, before, limit)


@router.get(
    "/{board_id}/events",
    response_model=EventPage,
    responses={200: {"content": {"text/event-stream": {}}}, 410: {"description": "The cursor can't be served."}},
)
async def get_events(
    request: Request,
    board_id: Id,
    after: str | None = None,
    limit: Annotated[int, Ge(1), Le(limits.EVENTS_PAGE)] = limits.EVENTS_PAGE,
) -> Response:
    """A page of the log behind a cursor (from the beginning where none is named), or, as `text/event-stream`, all that
    comes behind it for as long as the client listens (from now on where none is named; `Last-Event-ID` resumes).
    """
    parts = parts_of(request)
    streamed = "text/event-stream" in request.headers.get("accept", "")
    if streamed:
        after = request.headers.get("last-event-id") or after
    standing = await parts.database.read(viewer_of(request), readings.standing, board_id)
    parts.hub.reached(board_id, standing.seq)
    cursor = cursors.read(after) if after is not None else None
    if cursor is not None:
        if reason := standing.why_not(cursor):
            parts.hub.counts.resynced(reason)
        readings.check_cursor(standing, cursor)
    if streamed:
        if parts.hub.closing:
            raise Refusal("stopping", "The server is stopping.", fix="Connect again.", retry_after=1)
        start = standing.seq if cursor is None else cursor.seq
        return EventStream(request, ServerSentEvents(parts, request, board_id, start, deleted=standing.deleted))
    seq = standing.floor if cursor is None else cursor.seq
    return _page(standing, await parts.hub.after(board_id, seq, limit), seq)


def _page(standing: Standing, events: list[Logged], seq: int) -> Response:
    last = events[-1].seq if events else seq
    head = max(standing.seq, last)
    tail = orjson.dumps({"cursor": cursors.write(standing.epoch, last), "head": head, "more": last < head})
    return JSONBytes(Answer(200, b'{"events":[%b],%b' % (b",".join(event.json for event in events), tail[1:])))


class EventStream(StreamingResponse):
    """The answer that is a stream. It counts from the moment at which there was room for it."""

    def __init__(self, request: Request, stream: ServerSentEvents) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(stream.lines(), 200, headers, "text/event-stream")
        self._request = request
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Refused: `too-many-connections`."""
        hub = parts_of(self._request).hub
        self._stream.owner = check_room(self._request)
        hub.open(self._stream)
        try:
            await super().__call__(scope, receive, send)
        finally:
            hub.leave(self._stream)


class ServerSentEvents:
    """One reader of one board over server-sent events; `curl -N` is a watcher."""

    def __init__(self, parts: Parts, request: Request, board_id: int, seq: int, *, deleted: bool) -> None:
        self.client = client_of(request) or "other"
        self.owner: int | None = None
        self._request = request
        self._until = viewer_of(request).until
        self._hub = parts.hub
        self._beat = parts.settings.heartbeat_seconds
        self._board_id = board_id
        self._seq = seq
        self._deleted = deleted
        self._bell = asyncio.Event()
        self._over = False

    async def lines(self) -> AsyncIterator[bytes]:
        """The stream, until the board is deleted, the server stops, or the reader is gone."""
        self._hub.follow(self, self._board_id)
        try:
            yield b": connected\n\n"
            await self.recheck()
            most = FIRST
            while not (self._over or (self._until is not None and self._until <= clock())):
                self._bell.clear()
                events = await self._hub.after(self._board_id, self._seq, most)
                if events and events[0].seq != self._seq + 1:
                    return  # the log was trimmed meanwhile: who comes back with this cursor is told so
                if not events and self._deleted:
                    return
                fit = _fitting(events)
                most = min(REPLAY, 2 * (fit if fit < len(events) else most))
                del events[fit:]
                for event in events:
                    if self._over:
                        return
                    yield b"id: %b\nevent: %b\ndata: %b\n\n" % (_cursor_of(event), event.name.encode(), event.json)
                    self._seq = event.seq
                    if event.name == "board_deleted":
                        return
                if not events and not await self._rung():
                    yield b": still here\n\n"
        finally:
            self._hub.leave(self)

    async def _rung(self) -> bool:
        try:
            wait = self._beat if self._until is None else min(self._beat, ended_in(self._until))
            await asyncio.wait_for(self._bell.wait(), wait)
        except TimeoutError:
            return False
        return True

    @property
    def follower(self) -> ServerSentEvents:
        """It follows by itself."""
        return self

    def advance(self, channel: Channel) -> None:
        """The log has grown."""
        self._bell.set()

    def behind(self) -> int:
        """How many events are yet to be sent."""
        return max(0, self._hub.channel(self._board_id).head - self._seq)

    def hear(self, event: Logged) -> None:
        """Another board was created: not of this log."""

    async def recheck(self) -> None:
        """Who may see what has changed: end, where the board is no longer there for this reader."""
        if not await stays(self._request, self._board_id):
            self.end()

    def end(self) -> None:
        """The server stops, or the reader may not go on."""
        self._over = True
        self._bell.set()


def _fitting(events: list[Logged]) -> int:
    """How many of these events a reader is given at a time: what it does not take yet stays in memory."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.json)
        if size > GIVEN_BYTES and number:
            return number
    return len(events)


def _cursor_of(event: Logged) -> bytes:
    cursor: str = orjson.loads(event.json)["cursor"]
    return cursor.encode()
