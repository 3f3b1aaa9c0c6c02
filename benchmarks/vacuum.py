"""Moves while a reader holds a snapshot, so that PostgreSQL can't remove the old versions of changed rows.

A backup or a forgotten transaction holds one like this. Needs `--postgres`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Load, load, run
from benchmarks.figures import Row
from benchmarks.machine import Missing
from benchmarks.servers import Plan, Server, analyze, kanban

CLIENTS = 32
TICKETS = 200
BEFORE = "before"
STATE = (
    "SELECT (SELECT sum(n_dead_tup) FROM pg_stat_user_tables)::int, pg_database_size(current_database()) / 1048576.0"
)
"""The number of old versions of rows, as PostgreSQL counts them, and the size of the database in MiB."""


class Lengths(NamedTuple):
    """Lengths in seconds."""

    hold: float
    window: float
    """Moves are measured in windows one after the other."""
    around: float
    """How long before the hold, and after it."""


FULL, QUICK = Lengths(600, 20, 60), Lengths(3, 1, 1)


def measure(plan: Plan) -> list[Row]:
    """Measure a row before the hold, for its first and last window, and after it."""
    if plan.postgres is None:
        raise Missing("there is no --postgres")
    with kanban(plan) as server:
        return run(_measure(QUICK if plan.quick else FULL, server))


async def _measure(lengths: Lengths, server: Server) -> list[Row]:
    _, tickets = await boards.board(server.port, TICKETS)
    analyze(server)
    mover = Mover(tickets)
    await load(server.port, CLIENTS, 0.5, mover.plain)  # warm up

    before = await load(server.port, CLIENTS, lengths.around, mover.plain)
    rows = [await _row(server, BEFORE, before, before)]
    with held_snapshot(server.database):
        windows = int(lengths.hold / lengths.window)
        for number in range(1, windows + 1):
            window = await load(server.port, CLIENTS, lengths.window, mover.plain)
            if number in (1, windows // 2, windows):
                seconds = number * lengths.window
                rows.append(await _row(server, f"snapshot held for {seconds:g} s", window, before))
    for name in ("after", "later"):
        window = await load(server.port, CLIENTS, lengths.around, mover.plain)
        rows.append(await _row(server, name, window, before))
    return rows


async def _row(server: Server, name: str, measured: Load, before: Load) -> Row:
    dead, size = await asyncio.to_thread(_state, server.database)
    figures = {"a second": measured.rate, "p50 ms": measured.p50, "p99 ms": measured.p99}
    figures |= {"dead rows": dead, "database MiB": size}
    ratios = (
        {} if name == BEFORE else {"before": measured.rate / before.rate, "before's p99": measured.p99 / before.p99}
    )
    return Row(f"moves, {name}", ratios, figures)


@contextmanager
def held_snapshot(address: str) -> Iterator[None]:
    """Hold a snapshot of the database for the duration of the block, in a transaction that does nothing else."""
    import psycopg

    with psycopg.connect(address) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM tickets")
        yield


def _state(address: str) -> tuple[float, float]:
    import psycopg

    with psycopg.connect(address) as connection:
        row = connection.execute(STATE).fetchone()
        assert row is not None
        return float(row[0]), float(row[1])
