"""Waiting for events of a board within one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple

import orjson

from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.events import EncodedEvent

READ_BATCH = 100
"""Number of events per read."""
MAX_EVENTS = 20
"""Maximum number of events in one result; the cursor is after the last of them."""


class WaitResult(NamedTuple):
    """The matching events, and the last event that was checked."""

    events: list[dict[str, Any]]
    seq: int


class EventWaiter:
    """A stream that waits for matching events of one board."""

    client = "mcp"

    def __init__(
        self, hub: Hub, owner: Hashable, board_id: int, seq: int, may_still_read: Callable[[], Awaitable[bool]]
    ) -> None:
        self._hub = hub
        self.owner = owner
        self._board_id = board_id
        self._seq = seq
        self._may_still_read = may_still_read
        self._wakeup = asyncio.Event()
        self._ended = False

    async def wait(self, matches: Callable[[dict[str, Any]], bool], seconds: float) -> WaitResult:
        """The matching events, once there are any; none after the timeout, or when the server stops."""
        deadline = asyncio.get_running_loop().time() + seconds
        self._ended = self._hub.closing
        self._hub.add_stream(self)
        self._hub.subscribe(self, self._board_id)
        try:
            while True:
                self._wakeup.clear()
                matching = await self._read_matching(matches)
                remaining = deadline - asyncio.get_running_loop().time()
                if matching or self._ended or remaining <= 0:
                    return WaitResult(matching, self._seq)
                try:
                    await asyncio.wait_for(self._wakeup.wait(), remaining)
                except TimeoutError:
                    continue  # one last check
        finally:
            self._hub.remove_stream(self)

    async def _read_matching(self, matches: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The next matching events up to the end of the log, at most MAX_EVENTS."""
        matching: list[dict[str, Any]] = []
        while events := await self._hub.events_after(self._board_id, self._seq, READ_BATCH):
            for event in events:
                self._seq = event.seq
                if matches(fields := orjson.loads(event.json)):
                    matching.append(fields)
                    if len(matching) == MAX_EVENTS:
                        return matching
            if matching:
                return matching
        return matching

    @property
    def subscriber(self) -> EventWaiter:
        """The waiter is its own subscriber."""
        return self

    def notify(self, channel: Channel) -> None:
        """The board has new events."""
        self._wakeup.set()

    def lag(self) -> int:
        """Number of events not checked yet."""
        return max(0, self._hub.channel(self._board_id).head - self._seq)

    def on_board_created(self, event: EncodedEvent) -> None:
        """Ignored: the event is of another log."""

    async def reauthorize(self) -> None:
        """Permissions have changed: stop if the caller may no longer see the board."""
        if not await self._may_still_read():
            self.stop()

    def stop(self) -> None:
        """End: the server stops, or the caller has lost access."""
        self._ended = True
        self._wakeup.set()
