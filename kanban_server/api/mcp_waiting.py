"""Waiting for what happens on a board, for as long as one request may last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, NamedTuple

import orjson

from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.events import Logged

READ = 100
"""Events that are looked at in one go."""
MOST = 20
"""Events that one answer tells, at most; the cursor stands behind the last of them."""


class Found(NamedTuple):
    """The events that were waited for, and the event up to which the log was looked at."""

    events: list[dict[str, Any]]
    seq: int


class Waiter:
    """One who waits for the next events of one board that fit."""

    client = "mcp"

    def __init__(
        self, hub: Hub, owner: Hashable, board_id: int, seq: int, stays: Callable[[], Awaitable[bool]]
    ) -> None:
        self._hub = hub
        self.owner = owner
        self._board_id = board_id
        self._seq = seq
        self._stays = stays
        self._bell = asyncio.Event()
        self._over = False

    async def wait(self, fits: Callable[[dict[str, Any]], bool], seconds: float) -> Found:
        """The events that fit, once there are any; none where none came in time, or the server stops."""
        deadline = asyncio.get_running_loop().time() + seconds
        self._over = self._hub.closing
        self._hub.open(self)
        self._hub.follow(self, self._board_id)
        try:
            while True:
                self._bell.clear()
                found = await self._look(fits)
                left = deadline - asyncio.get_running_loop().time()
                if found or self._over or left <= 0:
                    return Found(found, self._seq)
                try:
                    await asyncio.wait_for(self._bell.wait(), left)
                except TimeoutError:
                    continue  # one last look
        finally:
            self._hub.leave(self)

    async def _look(self, fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The next events that fit, as far as the log goes."""
        found: list[dict[str, Any]] = []
        while events := await self._hub.after(self._board_id, self._seq, READ):
            for event in events:
                self._seq = event.seq
                if fits(said := orjson.loads(event.json)):
                    found.append(said)
                    if len(found) == MOST:
                        return found
            if found:
                return found
        return found

    @property
    def follower(self) -> Waiter:
        """It follows by itself."""
        return self

    def advance(self, channel: Channel) -> None:
        """The log has grown."""
        self._bell.set()

    def behind(self) -> int:
        """How many events are yet to be looked at."""
        return max(0, self._hub.channel(self._board_id).head - self._seq)

    def hear(self, event: Logged) -> None:
        """Another board was created: not of this log."""

    async def recheck(self) -> None:
        """Who may see what has changed: no longer wait for a board that is not there any more."""
        if not await self._stays():
            self.end()

    def end(self) -> None:
        """The server stops, or the board is not there any more for the one who waits."""
        self._over = True
        self._bell.set()
