"""Relays new events between the hubs of several instances.

After a commit the other instances are sent the board's new head; each reads the missing events from the event log. A
poll finds heads that were not sent, so a lost message costs a moment and never an event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from kanban_server.live.hub import Hub, ReadAfter
from kanban_server.live.redis_bus import Message, RedisBus
from kanban_server.rules.events import EncodedEvent

log = logging.getLogger("kanban.live")

POLL_SECONDS = 1.0
POLL_WITHOUT_REDIS_SECONDS = 0.25
"""Poll interval while Redis is away or not configured."""
OPEN_TRANSACTION_SECONDS = 60.0
"""A transaction that took a board's number is no longer open after this time."""

Heads = Callable[[list[int], int], Awaitable[list[tuple[int, int]]]]
"""`(boards, above)`: the heads of these boards, and of all boards with a higher number than `above`."""


class InstanceRelay:
    """The relay of one instance."""

    def __init__(self, hub: Hub, heads: Heads, read_after: ReadAfter) -> None:
        self._hub = hub
        self._heads = heads
        self._read_after = read_after
        self._bus: RedisBus | None = None
        self._known_boards: set[int] = set()
        """All boards known so far."""
        self._settled_board = self._newest_board = 0
        self._unsent_heads: dict[int, int] = {}
        self._poll_soon = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, bus: RedisBus | None) -> None:
        """Read which boards exist, before the first reader connects. Without `bus` the relay only polls."""
        self._bus = bus
        if bus is not None:
            bus.subscribe("heads", self._on_heads)
            bus.on_reconnect(self._poll_soon.set)
        self._known_boards = {board_id for board_id, _ in await self._heads([], 0)}
        self._settled_board = self._newest_board = max(self._known_boards, default=0)

    def announce(self, events: Iterable[EncodedEvent]) -> None:
        """Announce local commits to the other instances, once per turn of the loop."""
        send_scheduled = bool(self._unsent_heads)
        for event in events:
            self._unsent_heads[event.board_id] = event.seq
        self._known_boards.update(self._unsent_heads)
        if self._unsent_heads and not send_scheduled:
            asyncio.get_running_loop().call_soon(self._send)

    async def run(self) -> None:
        """Poll while the server runs."""
        loop = asyncio.get_running_loop()
        rotate_at = loop.time() + OPEN_TRANSACTION_SECONDS
        while True:
            try:
                await self._poll()
            except Exception as error:
                log.info("The heads of the boards' logs could not be read: %r", error)
            if loop.time() > rotate_at:
                rotate_at = loop.time() + OPEN_TRANSACTION_SECONDS
                self._settled_board, self._newest_board = self._newest_board, max(self._known_boards, default=0)
            connected = self._bus is not None and self._bus.connected
            try:
                async with asyncio.timeout(POLL_SECONDS if connected else POLL_WITHOUT_REDIS_SECONDS):
                    await self._poll_soon.wait()
            except TimeoutError:
                continue
            finally:
                self._poll_soon.clear()

    async def _poll(self) -> None:
        for board_id, seq in await self._heads(self._hub.subscribed_boards(), self._settled_board):
            self._note_head(board_id, seq)

    def _send(self) -> None:
        heads, self._unsent_heads = self._unsent_heads, {}
        if self._bus is not None:
            self._bus.send("heads", heads=list(heads.items()))

    def _on_heads(self, message: Message) -> None:
        for board_id, seq in message["heads"]:
            self._note_head(board_id, seq)

    def _note_head(self, board_id: int, seq: int) -> None:
        if board_id in self._known_boards:
            self._hub.note_head(board_id, seq)
            return
        self._known_boards.add(board_id)
        task = asyncio.create_task(self._add_board(board_id, seq))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _add_board(self, board_id: int, seq: int) -> None:
        """Publish a board that another instance created."""
        try:
            for event in await self._read_after(board_id, 0, 1):
                self._hub.add_board(event)
            self._hub.note_head(board_id, seq)
        except Exception as error:
            self._known_boards.discard(board_id)  # the next poll finds it again
            log.info("Board %d could not be read: %r", board_id, error)
