"""What one more instance adds when each has a processor quota of its own: 1, 2 and 4 on one PostgreSQL and Redis.

Each instance, PostgreSQL, and the load (with Redis) are in control groups of their own, so that instances do not
take each other's time even on two cores. The quotas must be able to be set; see `machine/groups.py`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import load, run
from benchmarks.figures import Row, Target, paired, several
from benchmarks.instances import FEW
from benchmarks.machine import Missing
from benchmarks.machine.cluster import cluster
from benchmarks.machine.groups import Group, group, hierarchy
from benchmarks.machine.processes import processor_seconds, tree
from benchmarks.servers import Plan, Server, analyze, database, kanban_on, redis

INSTANCES = (1, 2, 4)
CLIENTS = 32
"""Per instance."""
BOARDS = 8
TICKETS = 100
"""Per board."""
INSTANCE_CORES, DATABASE_CORES, LOAD_CORES = 0.2, 0.6, 0.6
ONE_INSTANCE = "1 instance"
AT_LEAST = {2: 1.8, 4: 3.2}
"""Targets by number of instances, relative to one."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of instances."""
    if plan.postgres is None:
        raise Missing("there is no --postgres")
    hierarchy()  # raises Missing before anything is started
    cores = max(INSTANCES) * INSTANCE_CORES + DATABASE_CORES + LOAD_CORES
    if (os.cpu_count() or 1) < cores:
        raise Missing(f"the quotas need {cores:g} cores")
    counts = INSTANCES[:2] if plan.quick else INSTANCES
    with ExitStack() as stack:
        load_group = stack.enter_context(group("load", LOAD_CORES))
        database_group = stack.enter_context(group("database", DATABASE_CORES))
        own = stack.enter_context(cluster())
        sites = {several(count, "instance"): _start(count, replace(plan, postgres=own.url), stack) for count in counts}
        for site in sites.values():
            run(site.create())
        # Only now: under its quota, an instance takes long to start.
        load_group.add(*tree(os.getpid()))
        stack.callback(load_group.release, os.getpid())
        database_group.add(*tree(own.pid))
        for site in sites.values():
            site.limit()
        return run(_measure(plan, sites, own.pid))


@dataclass(frozen=True)
class Usage:
    """A round: moves per second, and what the processes used of their quotas in percent."""

    rate: float
    instances: float
    database: float
    load: float


@dataclass
class Site:
    """Instances on one database, a control group for each, and the rounds measured there."""

    servers: Sequence[Server]
    groups: Sequence[Group]
    rounds: list[Usage] = field(default_factory=list)

    async def create(self) -> None:
        """Create the boards, and warm up every instance."""
        created = [await boards.board(self.servers[0].port, TICKETS) for _ in range(BOARDS)]
        self._mover = Mover(list(chain.from_iterable(zip(*(tickets for _, tickets in created), strict=True))))
        analyze(self.servers[0])
        await self._load(0.5)

    def limit(self) -> None:
        """Move each instance into its control group."""
        for server, of_server in zip(self.servers, self.groups, strict=True):
            of_server.add(*tree(server.pid))

    async def round(self, seconds: float, database: int) -> Usage:
        """Move tickets through all instances at the same time. `database` is the id of PostgreSQL's first process."""
        pids = [os.getpid(), database, *(server.pid for server in self.servers)]
        start, before = time.perf_counter(), [processor_seconds(pid, below=pid != os.getpid()) for pid in pids]
        rate = await self._load(seconds)
        after, elapsed = [processor_seconds(pid, below=pid != os.getpid()) for pid in pids], time.perf_counter() - start
        of_load, of_database, *of_servers = [(b - a) / elapsed * 100 for a, b in zip(before, after, strict=True)]
        instances = sum(of_servers) / len(of_servers)
        return Usage(rate, instances / INSTANCE_CORES, of_database / DATABASE_CORES, of_load / LOAD_CORES)

    async def _load(self, seconds: float) -> float:
        loads = await asyncio.gather(*(load(one.port, CLIENTS, seconds, self._mover.plain) for one in self.servers))
        return sum(one.rate for one in loads)


def _start(count: int, plan: Plan, stack: ExitStack) -> Site:
    address, between = stack.enter_context(database(plan)), stack.enter_context(redis())
    groups = [stack.enter_context(group(f"{count}-{number}", INSTANCE_CORES)) for number in range(count)]
    servers = [stack.enter_context(kanban_on(address, KANBAN_REDIS_URL=between, **FEW)) for _ in range(count)]
    return Site(servers, groups)


async def _measure(plan: Plan, sites: dict[str, Site], database: int) -> list[Row]:
    seconds = 0.5 if plan.quick else 4.0
    for site in sites.values():
        await site.round(0.5, database)  # warm up under the quotas
    for _ in range(plan.rounds):
        for site in sites.values():
            site.rounds.append(await site.round(seconds, database))
    cores = f"quotas in cores: an instance {INSTANCE_CORES}, database {DATABASE_CORES}, load {LOAD_CORES}"
    return [*(_row(name, sites) for name in sites), Row(cores)]


def _row(name: str, sites: dict[str, Site]) -> Row:
    site, rates = sites[name], {other: [one.rate for one in of_other.rounds] for other, of_other in sites.items()}
    ratios, target, figures = {}, None, {"a second": median(rates[name])}
    if name != ONE_INSTANCE:
        fewer = list(sites)[list(sites).index(name) - 1]
        added = len(site.servers) - len(sites[fewer].servers)
        figures["each added"] = (
            median(more - less for more, less in zip(rates[name], rates[fewer], strict=True)) / added
        )
        ratios = {ONE_INSTANCE: paired(rates[name], rates[ONE_INSTANCE])}
        target = Target(ONE_INSTANCE, "≥", AT_LEAST[len(site.servers)])
    figures |= {
        "instances, % of quota": median(one.instances for one in site.rounds),
        "database, %": median(one.database for one in site.rounds),
        "load, %": median(one.load for one in site.rounds),
    }
    return Row(f"moves on {BOARDS} boards, {name}", ratios, figures, target)
