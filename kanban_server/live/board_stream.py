"""A stream of one board that reads the events after its position whenever the board has new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.events import EncodedEvent


class BoardStream:
    """A stream and its own subscriber. Everything up to event `seq` was read.

    `may_still_read` tells whether the reader may still see the board, when permissions have changed.
    """

    def __init__(
        self, hub: Hub, client: str, board_id: int, seq: int, may_still_read: Callable[[], Awaitable[bool]]
    ) -> None:
        self.client = client
        self.owner: Hashable = None
        self.hub = hub
        self.board_id = board_id
        self.seq = seq
        self.ended = False
        """Whether the server stops, or the reader has lost access."""
        self._may_still_read = may_still_read
        self._wakeup = asyncio.Event()

    async def next_events(self, limit: int) -> list[EncodedEvent]:
        """At most `limit` events after the position, none where there are none yet."""
        self._wakeup.clear()
        return await self.hub.events_after(self.board_id, self.seq, limit)

    async def wait(self, seconds: float) -> bool:
        """Wait for further events or the end, since the last read; False after the timeout."""
        try:
            await asyncio.wait_for(self._wakeup.wait(), seconds)
        except TimeoutError:
            return False
        return True

    @property
    def subscriber(self) -> BoardStream:
        """The stream is its own subscriber."""
        return self

    def notify(self, channel: Channel) -> None:
        """The board has new events."""
        self._wakeup.set()

    def lag(self) -> int:
        """Number of events not read yet."""
        return max(0, self.hub.channel(self.board_id).head - self.seq)

    def on_board_created(self, event: EncodedEvent) -> None:
        """Ignored: the event is of another log."""

    async def reauthorize(self) -> None:
        """Permissions have changed: end if the reader may no longer see the board."""
        if not await self._may_still_read():
            self.stop()

    def stop(self) -> None:
        """End: the server stops, or the reader has lost access."""
        self.ended = True
        self._wakeup.set()
