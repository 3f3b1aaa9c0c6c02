"""Server-sent events: a stream of one board over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request

from kanban_server.clock import utc_now
from kanban_server.entry.actor import client_of
from kanban_server.entry.authentication import seconds_until, viewer_of
from kanban_server.entry.reauthorization import may_still_read
from kanban_server.entry.state import State
from kanban_server.live.board_stream import BoardStream
from kanban_server.rules.events import EncodedEvent

REPLAY_BATCH = 100
"""Maximum number of events that a stream reads and writes at a time."""
FIRST_BATCH = 8
"""Number of events in the first read; doubled while events are short."""
READ_BYTES = 128 * 1024
"""Maximum bytes of events that are written at a time; a single event may be longer."""


class ServerSentEvents(BoardStream):
    """One reader of one board over server-sent events; works with `curl -N`."""

    def __init__(self, state: State, request: Request, board_id: int, seq: int, *, deleted: bool) -> None:
        client = client_of(request) or "other"
        super().__init__(state.hub, client, board_id, seq, lambda: may_still_read(request, board_id))
        self._until = viewer_of(request).until
        self._heartbeat_seconds = state.settings.heartbeat_seconds
        self._deleted = deleted

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the stream until the board is deleted, the server stops, or the reader disconnects."""
        self.hub.subscribe(self, self.board_id)
        try:
            yield b": connected\n\n"
            await self.reauthorize()
            batch_size = FIRST_BATCH
            while not (self.ended or (self._until is not None and self._until <= utc_now())):
                events = await self.next_events(batch_size)
                if events and events[0].seq != self.seq + 1:
                    return  # the log was trimmed meanwhile: a reconnect with this cursor is refused (`resync`)
                if not events and self._deleted:
                    return
                fitting = _count_fitting(events)
                batch_size = min(REPLAY_BATCH, 2 * (fitting if fitting < len(events) else batch_size))
                del events[fitting:]
                for event in events:
                    if self.ended:
                        return
                    yield b"id: %b\nevent: %b\ndata: %b\n\n" % (_cursor_bytes(event), event.name.encode(), event.json)
                    self.seq = event.seq
                    if event.name == "board_deleted":
                        return
                if not events and not await self.wait(self._wait_seconds()):
                    yield b": still here\n\n"
        finally:
            self.hub.remove_stream(self)

    def _wait_seconds(self) -> float:
        """Time until the next heartbeat, or until the reader's access ends."""
        if self._until is None:
            return self._heartbeat_seconds
        return min(self._heartbeat_seconds, seconds_until(self._until))


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
