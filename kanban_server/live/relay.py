"""The hub's bell, rung in the other instances too.

After a commit the others are told how far a board's log has come; each reads what it misses from the journal. A poll
finds what was not told, so a message that is lost costs a moment and never an event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from kanban_server.live.hub import Hub, ReadAfter
from kanban_server.live.post import Message, Post
from kanban_server.rules.events import Logged

log = logging.getLogger("kanban.live")

POLL_SECONDS = 1.0
POLL_ALONE_SECONDS = 0.25
"""Where nothing is told, since Redis is away or there is none."""
SETTLED_SECONDS = 60.0
"""After so long no transaction is open any more that has taken a board's number."""

Heads = Callable[[list[int], int], Awaitable[list[tuple[int, int]]]]
"""`(boards, above)`: how far the logs of these boards have come, and of all boards with a higher number."""


class Relay:
    """One instance's part in it."""

    def __init__(self, hub: Hub, heads: Heads, read_after: ReadAfter) -> None:
        self._hub = hub
        self._heads = heads
        self._read_after = read_after
        self._post: Post | None = None
        self._known: set[int] = set()
        """All boards that there are, as far as known."""
        self._settled = self._newest = 0
        self._told: dict[int, int] = {}
        self._soon = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, post: Post | None) -> None:
        """Learn which boards there are, before the first reader comes. Without `post` it will only poll."""
        self._post = post
        if post is not None:
            post.on("heads", self._hear)
            post.on_return(self._soon.set)
        self._known = {board_id for board_id, _ in await self._heads([], 0)}
        self._settled = self._newest = max(self._known, default=0)

    def tell(self, events: Iterable[Logged]) -> None:
        """Events were committed here. The others are told once a loop turn."""
        waiting = bool(self._told)
        for event in events:
            self._told[event.board_id] = event.seq
        self._known.update(self._told)
        if self._told and not waiting:
            asyncio.get_running_loop().call_soon(self._send)

    async def run(self) -> None:
        """Poll, for as long as the server runs."""
        loop = asyncio.get_running_loop()
        turn = loop.time() + SETTLED_SECONDS
        while True:
            try:
                await self._poll()
            except Exception as error:
                log.info("The boards' logs were not looked at: %r", error)
            if loop.time() > turn:
                turn = loop.time() + SETTLED_SECONDS
                self._settled, self._newest = self._newest, max(self._known, default=0)
            told = self._post is not None and self._post.up
            try:
                async with asyncio.timeout(POLL_SECONDS if told else POLL_ALONE_SECONDS):
                    await self._soon.wait()
            except TimeoutError:
                continue
            finally:
                self._soon.clear()

    async def _poll(self) -> None:
        for board_id, seq in await self._heads(self._hub.followed(), self._settled):
            self._reached(board_id, seq)

    def _send(self) -> None:
        told, self._told = self._told, {}
        if self._post is not None:
            self._post.send("heads", heads=list(told.items()))

    def _hear(self, message: Message) -> None:
        for board_id, seq in message["heads"]:
            self._reached(board_id, seq)

    def _reached(self, board_id: int, seq: int) -> None:
        if board_id in self._known:
            self._hub.reached(board_id, seq)
            return
        self._known.add(board_id)
        task = asyncio.create_task(self._appeared(board_id, seq))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _appeared(self, board_id: int, seq: int) -> None:
        """Another instance created a board: everybody hears of it."""
        try:
            for event in await self._read_after(board_id, 0, 1):
                self._hub.appeared(event)
            self._hub.reached(board_id, seq)
        except Exception as error:
            self._known.discard(board_id)  # the next poll finds it again
            log.info("Board %d was not read: %r", board_id, error)
