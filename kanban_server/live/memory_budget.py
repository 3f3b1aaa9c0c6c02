"""The memory limit of the recent events of all boards together."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sized
from itertools import count
from typing import Protocol

EVENT_BYTES = 250
"""Memory of an event besides its JSON."""
DROPPED_PART = 8
"""Over the limit, 1/DROPPED_PART of the budget is freed at a time."""


class EventMemory(Protocol):
    """The recent events of one board."""

    board_id: int

    @property
    def recent_events(self) -> Sized:
        """The events in memory, the oldest first."""

    @property
    def oldest_number(self) -> int:
        """The oldest event's number in the order of all boards' events."""

    def drop_oldest(self) -> None:
        """Drop the oldest event, and release its memory."""


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

    def make_room(self, boards: Iterable[EventMemory]) -> None:
        """Over the limit, drop the oldest events of all boards."""
        if self.used <= self.max_bytes:
            return
        target_bytes = self.max_bytes - self.max_bytes // DROPPED_PART
        oldest = [(board.oldest_number, board.board_id, board) for board in boards if board.recent_events]
        heapq.heapify(oldest)
        while self.used > target_bytes and oldest:
            board = oldest[0][2]
            board.drop_oldest()
            if board.recent_events:
                heapq.heapreplace(oldest, (board.oldest_number, board.board_id, board))
            else:
                heapq.heappop(oldest)
