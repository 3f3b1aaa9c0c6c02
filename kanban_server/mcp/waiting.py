"""Waiting for what happens on a board, for as long as one request may last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple

import orjson

from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.events import EncodedEvent

READ_BATCH = 100
"""Events that are looked at in one go."""
MAX_EVENTS = 20
"""Events that one answer tells, at most; the cursor stands behind the last of them."""


class WaitResult(NamedTuple):
    """The events that were waited for, and the event up to which the log was looked at."""

    events: list[dict[str, Any]]
    seq: int


class EventWaiter:
    """One who waits for the next events of one board that fit."""

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
        """The events that fit, once there are any; none where none came in time, or the server stops."""
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
                    continue  # one last look
        finally:
            self._hub.remove_stream(self)

    async def _read_matching(self, matches: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The next events that fit, as far as the log goes."""
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
        """It follows by itself."""
        return self

    def notify(self, channel: Channel) -> None:
        """The log has grown."""
        self._wakeup.set()

    def lag(self) -> int:
        """How many events are yet to be looked at."""
        return max(0, self._hub.channel(self._board_id).head - self._seq)

    def on_board_created(self, event: EncodedEvent) -> None:
        """Another board was created: not of this log."""

    async def reauthorize(self) -> None:
        """Who may see what has changed: no longer wait for a board that is not there any more."""
        if not await self._may_still_read():
            self.stop()

    def stop(self) -> None:
        """The server stops, or the board is not there any more for the one who waits."""
        self._ended = True
        self._wakeup.set()
