"""Promise, actor, interface (`way`) and database: each cell of the table is tested or has a reason not to be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest

from tests.support.actors import ACTORS

PROMISES = {
    1: "ordered, gapless, resumable",
    2: "folding the log gives the board",
    3: "what was acknowledged is there",
    4: "one ticket, one holder",
    5: "no lost update",
    6: "a retry is harmless",
    7: "a board is a wall",
    8: "slow readers delay nobody",
    9: "no 500, and ignored input is reported",
}
WAYS = ("verbs", "bulk", "batch", "import", "MCP", "base-form claims", "stream")
"""Interfaces. `stream` is reading over a WebSocket, or as server-sent events."""
DATABASES = ("sqlite", "postgresql")


class Cell(NamedTuple):
    """One promise for one kind of actor through one interface on one database."""

    promise: int
    actor: str
    way: str
    database: str


def all_cells() -> Iterator[Cell]:
    """Yield the whole table."""
    for promise, actor, way, database in product(PROMISES, ACTORS, WAYS, DATABASES):
        yield Cell(promise, actor, way, database)


READING = "a stream only reads: it has no claims and makes no changes"


def reason(cell: Cell) -> str | None:
    """Return why a cell can have no test; None if it must have one."""
    if cell.way == "stream" and cell.promise in {4, 5, 6}:
        return READING
    if cell.promise == 7 and cell.actor == "open":
        return "on an open server everybody is an admin"
    if cell.promise == 7 and cell.actor == "server admin":
        return "an admin of the server sees every board"
    return None


def in_every_cell(promise: int, *, slow_ways: bool = True) -> pytest.MarkDecorator:
    """Parametrize a test of a promise over `kind`, `way` and `on`: each cell without a reason not to be tested.

    In the normal suite each kind of actor uses one way, in rotation, on SQLite; the other cells are marked slow.
    """
    cells = [cell for cell in all_cells() if cell.promise == promise and reason(cell) is None]
    parameters = []
    for cell in cells:
        ways = [one.way for one in cells if (one.actor, one.database) == (cell.actor, "sqlite")]
        quick = cell.database == "sqlite" and cell.way == ways[(promise + ACTORS.index(cell.actor)) % len(ways)]
        marks = [pytest.mark.promise(promise)]
        marks += [pytest.mark.postgres] if cell.database == "postgresql" else []
        marks += [] if quick or not slow_ways else [pytest.mark.slow]
        name = "-".join((cell.actor, cell.way, cell.database))
        parameters.append(pytest.param(cell.actor, cell.way, cell.database, marks=marks, id=name))
    return pytest.mark.parametrize(("kind", "way", "on"), parameters)
