"""How many tickets of each column are ready, blocked and held: stored, since counting gets slower with size."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from operator import itemgetter

import orjson

from kanban_server.store.rows import TicketRow
from kanban_server.store.tables.conditions import READY


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
_ONE_TICKET = {flags: Counters(*map(int, flags)) for flags in product((False, True), repeat=3)}
"""The counters of a ticket that is ready, blocked or held."""


_read_conditions = itemgetter(*READY)
_READY_VALUES = tuple(READY.values())


def is_ready(row: TicketRow) -> bool:
    """Whether a ticket of a todo column can be taken."""
    return bool(_read_conditions(row) == _READY_VALUES)


def count_ticket(row: TicketRow) -> Counters:
    """The counters of one ticket that is on its board."""
    blocked = row["open_blockers"] > 0 or row["open_children"] > 0
    return _ONE_TICKET[is_ready(row), blocked, row["claim_holder"] is not None]


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
