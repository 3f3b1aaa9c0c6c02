"""Server-sent events: a stream of one board over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request

from kanban_server.clock import utc_now
from kanban_server.entry.actor import client_of
from kanban_server.entry.authentication import seconds_until, viewer_of
from kanban_server.entry.reauthorization import may_still_read
from kanban_server.entry.state import State
from kanban_server.live.channel import Channel
from kanban_server.rules.events import EncodedEvent

REPLAY_BATCH = 100
"""Maximum number of events that a stream reads and writes at a time."""
FIRST_BATCH = 8
"""Number of events in the first read; doubled while events are short."""
READ_BYTES = 128 * 1024
"""Maximum bytes of events that are written at a time; a single event may be longer."""


class ServerSentEvents:
    """One reader of one board over server-sent events; works with `curl -N`."""

    def __init__(self, state: State, request: Request, board_id: int, seq: int, *, deleted: bool) -> None:
        self.client = client_of(request) or "other"
        self.owner: int | None = None
        self._request = request
        self._until = viewer_of(request).until
        self._hub = state.hub
        self._heartbeat_seconds = state.settings.heartbeat_seconds
        self._board_id = board_id
        self._seq = seq
        self._deleted = deleted
        self._wakeup = asyncio.Event()
        self._ended = False

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the stream until the board is deleted, the server stops, or the reader disconnects."""
        self._hub.subscribe(self, self._board_id)
        try:
            yield b": connected\n\n"
            await self.reauthorize()
            batch_size = FIRST_BATCH
            while not (self._ended or (self._until is not None and self._until <= utc_now())):
                self._wakeup.clear()
                events = await self._hub.events_after(self._board_id, self._seq, batch_size)
                if events and events[0].seq != self._seq + 1:
                    return  # the log was trimmed meanwhile: a reconnect with this cursor is refused (`resync`)
                if not events and self._deleted:
                    return
                fitting = _count_fitting(events)
                batch_size = min(REPLAY_BATCH, 2 * (fitting if fitting < len(events) else batch_size))
                del events[fitting:]
                for event in events:
                    if self._ended:
                        return
                    yield b"id: %b\nevent: %b\ndata: %b\n\n" % (_cursor_bytes(event), event.name.encode(), event.json)
                    self._seq = event.seq
                    if event.name == "board_deleted":
                        return
                if not events and not await self._wait_for_events():
                    yield b": still here\n\n"
        finally:
            self._hub.remove_stream(self)

    async def _wait_for_events(self) -> bool:
        try:
            timeout = (
                self._heartbeat_seconds
                if self._until is None
                else min(self._heartbeat_seconds, seconds_until(self._until))
            )
            await asyncio.wait_for(self._wakeup.wait(), timeout)
        except TimeoutError:
            return False
        return True

    @property
    def subscriber(self) -> ServerSentEvents:
        """The stream is its own subscriber."""
        return self

    def notify(self, channel: Channel) -> None:
        """The board has new events."""
        self._wakeup.set()

    def lag(self) -> int:
        """Number of events not sent yet."""
        return max(0, self._hub.channel(self._board_id).head - self._seq)

    def on_board_created(self, event: EncodedEvent) -> None:
        """Ignored: the event is of another log."""

    async def reauthorize(self) -> None:
        """Permissions have changed: end if the reader may no longer see the board."""
        if not await may_still_read(self._request, self._board_id):
            self.stop()

    def stop(self) -> None:
        """End: the server stops, or the reader has lost access."""
        self._ended = True
        self._wakeup.set()


def _count_fitting(events: list[EncodedEvent]) -> int:
    """How many of these events to write at a time: unsent data stays in memory."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.json)
        if size > READ_BYTES and number:
            return number
    return len(events)


def _cursor_bytes(event: EncodedEvent) -> bytes:
    cursor: str = orjson.loads(event.json)["cursor"]
    return cursor.encode()
