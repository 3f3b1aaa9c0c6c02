"""Processor time of a move and of a claim in each tier that works on it: the server, and PostgreSQL.

This decides how many a machine can do. Time spent waiting is not in it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Load, load, run
from benchmarks.figures import Row, Target, not_measured, paired, several
from benchmarks.machine import Missing
from benchmarks.machine.cluster import cluster
from benchmarks.machine.processes import processor_seconds, require_proc
from benchmarks.queues.board import BoardQueue
from benchmarks.servers import Plan, analyze, kanban

CLIENTS = (1, 32)
TICKETS = 200
CLAIMS_PER_SECOND = 4_000
"""Ready tickets at the start of a round, per second of the round."""
MOVE, CLAIM = "a move", "a claim"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
SERVER, DATABASE = "server ms", "database ms"
AT_MOST_MS = 0.6
"""Target for the server's time of a move on PostgreSQL at the largest number of clients."""

Times = dict[str, float]
"""Processor time of one operation in ms, by tier."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each operation, number of clients and database."""
    require_proc()
    with ExitStack() as stack:
        sqlite = stack.enter_context(kanban(plan.on_sqlite))
        sites = {SQLITE: Site(sqlite.port, {SERVER: sqlite.pid})}
        notes: list[Row] = []
        try:
            if plan.postgres is None:
                raise Missing("there is no --postgres")
            own = stack.enter_context(cluster())
            server = stack.enter_context(kanban(replace(plan, postgres=own.url)))
            analyze(server)
            sites[POSTGRESQL] = Site(server.port, {SERVER: server.pid, DATABASE: own.pid})
        except Missing as reason:
            notes.append(not_measured(reason, "PostgreSQL: "))
        return run(_measure(plan, sites)) + notes


@dataclass
class Site:
    """A server with a board for moves and one for claims, and the processes to measure."""

    port: int
    pids: dict[str, int]
    """The first process of each tier."""

    async def create(self) -> None:
        """Create the boards."""
        _, tickets = await boards.board(self.port, TICKETS)
        self._mover = Mover(tickets)
        self._queue = await BoardQueue.create(self.port, finish=False)

    async def times(self, operation: str, clients: int, seconds: float) -> Times:
        """Return the processor time of one operation under a load of `seconds`."""
        if operation == CLAIM:
            await self._queue.fill(int(CLAIMS_PER_SECOND * seconds))
        before = {tier: processor_seconds(pid) for tier, pid in self.pids.items()}
        done = await self._load(operation, clients, seconds)
        return {tier: (processor_seconds(pid) - before[tier]) * 1000 / done.count for tier, pid in self.pids.items()}

    async def _load(self, operation: str, clients: int, seconds: float) -> Load:
        if operation == CLAIM:
            return await self._queue.run(clients, seconds)
        return await load(self.port, clients, seconds, self._mover.plain)


async def _measure(plan: Plan, sites: dict[str, Site]) -> list[Row]:
    seconds = 0.3 if plan.quick else 2.0
    for site in sites.values():
        await site.create()
    rows = []
    for operation in (MOVE, CLAIM):
        for site in sites.values():
            await site.times(operation, max(CLIENTS), 0.3)  # warm up
        for clients in CLIENTS:
            rounds: dict[str, list[Times]] = {name: [] for name in sites}
            for _ in range(plan.rounds):
                for name, site in sites.items():
                    rounds[name].append(await site.times(operation, clients, seconds))
            rows += [_row(operation, clients, name, rounds) for name in sites]
    return rows


def _row(operation: str, clients: int, name: str, rounds: dict[str, list[Times]]) -> Row:
    times = {tier: [one[tier] for one in rounds[name]] for tier in rounds[name][0]}
    ratios, target = {}, None
    if name == POSTGRESQL:
        ratios = {SQLITE: paired(times[SERVER], [one[SERVER] for one in rounds[SQLITE]])}
        if operation == MOVE and clients == max(CLIENTS):
            target = Target(SERVER, "≤", AT_MOST_MS)
    figures = {tier: median(of_tier) for tier, of_tier in times.items()}
    return Row(f"{operation}, {several(clients, 'client')}, {name}", ratios, figures, target)
