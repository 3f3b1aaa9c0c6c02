"""Lock waits in PostgreSQL when one board is changed by two instances, compared with one. Needs `--postgres`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import mean, median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import load, run
from benchmarks.figures import Row, paired, percentile, several
from benchmarks.instances import FEW
from benchmarks.machine import Missing
from benchmarks.servers import Plan, analyze, database, kanban_on, redis

INSTANCES = (1, 2)
CLIENTS = 32
"""Spread over the instances."""
TICKETS = 200
SAMPLE_SECONDS = 0.02
ONE_INSTANCE = "1 instance"
WAITING = (
    "SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float "
    "FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
)
"""How many of a database's connections wait for a lock, and how long the first of them has waited, in seconds."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of instances."""
    if plan.postgres is None:
        raise Missing("there is no --postgres")
    with ExitStack() as stack:
        sites = {}
        for count in INSTANCES:
            address, between = stack.enter_context(database(plan)), stack.enter_context(redis())
            servers = [stack.enter_context(kanban_on(address, KANBAN_REDIS_URL=between, **FEW)) for _ in range(count)]
            sites[several(count, "instance")] = Site(address, [server.port for server in servers])
            analyze(servers[0])
        return run(_measure(plan, sites))


@dataclass
class Round:
    """What a round of moves came to."""

    rate: float
    p99: float
    waiting: list[int]
    """The number of connections that wait for a lock, in each sample."""
    longest: float
    """The longest wait that a sample saw, in ms."""


@dataclass
class Site:
    """Instances of one database, and the rounds measured there."""

    address: str
    ports: Sequence[int]
    rounds: list[Round] = field(default_factory=list)

    async def create(self) -> None:
        """Create the board, and warm up."""
        _, tickets = await boards.board(self.ports[0], TICKETS)
        self._mover = Mover(tickets)
        await self.round(0.5)

    async def round(self, seconds: float) -> Round:
        """Move tickets of the one board through all instances at the same time."""
        clients = CLIENTS // len(self.ports)
        with sampled(self.address) as samples:
            loads = await asyncio.gather(*(load(port, clients, seconds, self._mover.plain) for port in self.ports))
        longest = max((seconds for _, seconds in samples), default=0.0) * 1000
        waiting = [count for count, _ in samples]
        return Round(sum(one.rate for one in loads), max(one.p99 for one in loads), waiting, longest)


@contextmanager
def sampled(address: str) -> Iterator[list[tuple[int, float]]]:
    """Collect samples of a database's lock waits for the duration of the block: see WAITING."""
    import psycopg

    samples: list[tuple[int, float]] = []
    ended = threading.Event()

    def sample() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not ended.wait(SAMPLE_SECONDS):
                samples.extend(connection.execute(WAITING).fetchall())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


async def _measure(plan: Plan, sites: dict[str, Site]) -> list[Row]:
    seconds = 0.5 if plan.quick else 4.0
    for site in sites.values():
        await site.create()
    for _ in range(plan.rounds):
        for site in sites.values():
            site.rounds.append(await site.round(seconds))
    return [_row(name, site.rounds, sites[ONE_INSTANCE].rounds) for name, site in sites.items()]


def _row(name: str, rounds: list[Round], of_one: list[Round]) -> Row:
    ratios = (
        {} if rounds is of_one else {ONE_INSTANCE: paired([one.rate for one in rounds], [one.rate for one in of_one])}
    )
    samples = [count for one in rounds for count in one.waiting]
    waiting = mean(samples)
    rate = median(one.rate for one in rounds)
    figures = {
        "a second": rate,
        "p99 ms": median(one.p99 for one in rounds),
        "connections waiting": waiting,
        "waiting p99": percentile(samples, 99),
        "lock wait ms a move": waiting / rate * 1000,
        "longest wait ms": max(one.longest for one in rounds),
    }
    return Row(f"moves on one board, {name}", ratios, figures)
