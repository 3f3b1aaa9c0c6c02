"""A window on the first or the last rows of an ordered set of tickets, kept in memory while they change."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from kanban_server.store.rows import TicketRow


class Position(NamedTuple):
    """The position of a ticket in an ordered set."""

    order: tuple[str, ...]
    """Compared first, as bytes."""
    ticket_id: int


def column_position(row: TicketRow) -> Position:
    """The position of a ticket in its column."""
    return Position((row["place"],), row["id"])


def ready_position(row: TicketRow) -> Position:
    """The position of a ticket among the ready tickets of its column and assignee: by priority, then by place."""
    return Position((row["priority_key"], row["place"]), row["id"])


class Window:
    """The first rows of an ordered set, or with `last` its last ones.

    It is `complete` if the set has no further rows. Once an incomplete window is used up, the set must be read again.
    """

    def __init__(self, positions: Iterable[Position], *, complete: bool, last: bool = False) -> None:
        self._positions = sorted(positions)
        self._complete = complete
        self._last = last

    @property
    def exhausted(self) -> bool:
        """Whether nothing is known of the set any more."""
        return not self._positions and not self._complete

    @property
    def complete(self) -> bool:
        """Whether the window shows the whole set."""
        return self._complete

    def positions(self) -> list[Position]:
        """The positions, from the end that the window shows."""
        return self._positions[::-1] if self._last else self._positions

    def add(self, position: Position) -> None:
        """Add a ticket. One beyond the window is left out."""
        if not self._complete and self._positions:
            beyond = position < self._positions[0] if self._last else position > self._positions[-1]
            if beyond:
                return
        if self._complete or self._positions:
            insort(self._positions, position)

    def discard(self, position: Position) -> None:
        """Remove a ticket, if the window shows it."""
        place = bisect_left(self._positions, position)
        if place < len(self._positions) and self._positions[place] == position:
            del self._positions[place]
