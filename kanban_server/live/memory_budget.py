"""How much the recent events of all boards may take in memory together."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kanban_server.live.channel import Channel

EVENT_BYTES = 250
"""What an event takes in memory beside its JSON."""
DROPPED_PART = 8
"""Where there is too much, one part in so many is dropped at a time."""


class MemoryBudget:
    """The bytes that all boards' recent events take, and the order in which they came.

    An event that is dropped is still in the journal: who needs it reads it there.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used = 0
        self._numbers = count()

    def reserve(self, size: int) -> int:
        """An event of this size is kept. Returns its number in the order of all boards' events."""
        self.used += size + EVENT_BYTES
        return next(self._numbers)

    def release(self, size: int, events: int = 1) -> None:
        """Events of this size together are kept no longer."""
        self.used -= size + events * EVENT_BYTES

    def make_room(self, channels: Iterable[Channel]) -> None:
        """Where more is kept than may be, drop the oldest events of all boards."""
        if self.used <= self.max_bytes:
            return
        target_bytes = self.max_bytes - self.max_bytes // DROPPED_PART
        oldest = [(channel.oldest_number, channel.board_id, channel) for channel in channels if channel.recent_events]
        heapq.heapify(oldest)
        while self.used > target_bytes and oldest:
            channel = oldest[0][2]
            channel.drop_oldest()
            if channel.recent_events:
                heapq.heapreplace(oldest, (channel.oldest_number, channel.board_id, channel))
            else:
                heapq.heappop(oldest)
