"""The memory limit of the recent events of all boards together."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kanban_server.live.channel import Channel

EVENT_BYTES = 250
"""Memory of an event besides its JSON."""
DROPPED_PART = 8
"""Over the limit, 1/DROPPED_PART of the budget is freed at a time."""


class MemoryBudget:
    """The bytes of all boards' recent events, and the order in which they came.

    Dropped events are still in the event log, and are read from there.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used = 0
        self._numbers = count()

    def reserve(self, size: int) -> int:
        """Count an event of this size; returns its number in the order of all boards' events."""
        self.used += size + EVENT_BYTES
        return next(self._numbers)

    def release(self, size: int, events: int = 1) -> None:
        """Stop counting events of this total size."""
        self.used -= size + events * EVENT_BYTES

    def make_room(self, channels: Iterable[Channel]) -> None:
        """Over the limit, drop the oldest events of all boards."""
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
