"""How many tickets of each column are ready, blocked and held: stored, since counting gets slower with size."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class Counters:
    """How many tickets of a column are ready, how many wait for others, and how many are held."""

    ready: int = 0
    blocked: int = 0
    held: int = 0

    def __add__(self, other: Counters) -> Counters:
        return Counters(self.ready + other.ready, self.blocked + other.blocked, self.held + other.held)

    def __sub__(self, other: Counters) -> Counters:
        return Counters(self.ready - other.ready, self.blocked - other.blocked, self.held - other.held)


ZERO = Counters()


def count_ticket(ticket: Ticket) -> Counters:
    """The counters of one ticket, by the same rule as `tables.ready` in SQL."""
    held = ticket.claim is not None
    blocked = ticket.open_blockers > 0 or ticket.open_children > 0
    ready = not held and not blocked and limits.NEEDS_HUMAN not in ticket.labels
    return Counters(int(ready), int(blocked), int(held))


def encode_counters(counters_by_column: dict[int, Counters]) -> str:
    """Counters as they are stored."""
    encoded = {
        str(id): [counters.ready, counters.blocked, counters.held]
        for id, counters in counters_by_column.items()
        if counters != ZERO
    }
    return orjson.dumps(encoded).decode()


def decode_counters(text: str) -> dict[int, Counters]:
    """Counters from their stored form."""
    return {int(id): Counters(*numbers) for id, numbers in orjson.loads(text).items()}
