"""How many tickets of each column are ready, blocked and held: kept with every change, since counting them grows."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class Tally:
    """Of the tickets of a column: those that could be taken, those that wait for others, those that are held."""

    ready: int = 0
    blocked: int = 0
    held: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.ready + other.ready, self.blocked + other.blocked, self.held + other.held)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.ready - other.ready, self.blocked - other.blocked, self.held - other.held)


NONE = Tally()


def of(ticket: Ticket) -> Tally:
    """What one ticket adds; the same rule as `tables.ready` says in SQL."""
    held = ticket.claim is not None
    blocked = ticket.open_blockers > 0 or ticket.open_children > 0
    ready = not held and not blocked and limits.NEEDS_HUMAN not in ticket.labels
    return Tally(int(ready), int(blocked), int(held))


def packed(tallies: dict[int, Tally]) -> str:
    """Tallies as they are kept."""
    kept = {str(id): [one.ready, one.blocked, one.held] for id, one in tallies.items() if one != NONE}
    return orjson.dumps(kept).decode()


def unpacked(text: str) -> dict[int, Tally]:
    """Tallies from what is kept."""
    return {int(id): Tally(*numbers) for id, numbers in orjson.loads(text).items()}
