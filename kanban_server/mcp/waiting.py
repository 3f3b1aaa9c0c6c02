"""Waiting for events of a board within one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import NamedTuple, TypedDict

import orjson

from kanban_server.live.board_stream import BoardStream
from kanban_server.live.hub import Hub

READ_BATCH = 100
"""Number of events per read."""
MAX_EVENTS = 20
"""Maximum number of events in one result; the cursor is after the last of them."""


class EventFields(TypedDict):
    """An event of a board's log, with the fields that are read here."""

    event: str
    seq: int
    actor: str
    data: dict[str, object]


class WaitResult(NamedTuple):
    """The matching events, and the last event that was checked."""

    events: list[EventFields]
    seq: int


class EventWaiter(BoardStream):
    """A stream that waits for matching events of one board."""

    def __init__(
        self, hub: Hub, owner: Hashable, board_id: int, seq: int, may_still_read: Callable[[], Awaitable[bool]]
    ) -> None:
        super().__init__(hub, "mcp", board_id, seq, may_still_read)
        self.owner = owner

    async def matching(self, matches: Callable[[EventFields], bool], seconds: float) -> WaitResult:
        """The matching events, once there are any; none after the timeout, or when the server stops."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        self.ended = self.hub.closing
        self.hub.add_stream(self)
        self.hub.subscribe(self, self.board_id)
        try:
            while True:
                events = await self._read_matching(matches)
                remaining = deadline - clock()
                if events or self.ended or remaining <= 0:
                    return WaitResult(events, self.seq)
                await self.wait(remaining)
        finally:
            self.hub.remove_stream(self)

    async def _read_matching(self, matches: Callable[[EventFields], bool]) -> list[EventFields]:
        """The next matching events up to the end of the log, at most MAX_EVENTS."""
        matching: list[EventFields] = []
        while not matching and (events := await self.next_events(READ_BATCH)):
            for event in events:
                self.seq = event.seq
                fields: EventFields = orjson.loads(event.json)
                if matches(fields):
                    matching.append(fields)
                    if len(matching) == MAX_EVENTS:
                        break
        return matching
