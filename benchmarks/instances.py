"""One server on SQLite compared with one, two and four on one PostgreSQL, with Redis between them.

The clients are spread over the servers. An event's time runs from the start of a move's request at the first server to
its arrival at the readers of the last one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Connection, load, run
from benchmarks.figures import Row, paired, percentile, several
from benchmarks.readers import Audience, wait_for_all
from benchmarks.servers import Plan, database, kanban_on, redis

INSTANCES = (1, 2, 4)
CLIENTS = 32
BOARDS = 8
TICKETS = 100
"""Per board. More than clients: otherwise two moves of one ticket could swap, and the next would change nothing."""
READERS = 50
EVENTS = 60
"""Events per round."""
FEW = {"KANBAN_WRITERS": "4", "KANBAN_READERS": "2"}
"""Connections per server, so that all servers together stay below the limit of one PostgreSQL (100)."""
SQLITE = "one SQLite server"

Figures = dict[str, list[float]]


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of servers; those on PostgreSQL only if there is one."""
    with ExitStack() as stack:
        groups = {SQLITE: [stack.enter_context(kanban_on(stack.enter_context(database(replace(plan, postgres=None)))))]}
        for count in INSTANCES if plan.postgres else ():
            address, between = stack.enter_context(database(plan)), stack.enter_context(redis())
            servers = [stack.enter_context(kanban_on(address, KANBAN_REDIS_URL=between, **FEW)) for _ in range(count)]
            groups[f"PostgreSQL and Redis, {several(count, 'server')}"] = servers
        ports = {what: [server.port for server in servers] for what, servers in groups.items()}
        return run(_measure(plan, ports))


async def _measure(plan: Plan, groups: dict[str, list[int]]) -> list[Row]:
    sites = {what: await Site.create(ports) for what, ports in groups.items()}
    figures: dict[str, Figures] = {what: {} for what in sites}
    seconds = 0.5 if plan.quick else 1.5
    for site in sites.values():
        await site.writes(site.several, 0.5)  # warm up
        await site.events(3)
    for _ in range(plan.rounds):
        for what, site in sites.items():
            measured = {
                "a second, 1 board": await site.writes(site.one, seconds),
                f"a second, {BOARDS} boards": await site.writes(site.several, seconds),
            }
            measured["event p50 ms"], measured["event p99 ms"] = await site.events(EVENTS)
            for name, value in measured.items():
                figures[what].setdefault(name, []).append(value)
    return [_row(what, measured, figures[SQLITE]) for what, measured in figures.items()]


def _row(what: str, measured: Figures, floor: Figures) -> Row:
    name = f"a second, {BOARDS} boards"
    ratios = {} if measured is floor else {SQLITE: paired(measured[name], floor[name])}
    return Row(what, ratios, {name: median(values) for name, values in measured.items()})


class Site:
    """Servers of one database, boards on it, and readers of the first board at the last server."""

    def __init__(self, ports: Sequence[int], first: int, tickets: Sequence[Sequence[int]]) -> None:
        self.one = Mover(tickets[0])
        self.several = Mover(list(chain.from_iterable(zip(*tickets[1:], strict=True))))
        self._ports = ports
        self._audience = Audience(ports[-1], first)

    @classmethod
    async def create(cls, ports: Sequence[int]) -> Site:
        """Create the boards with their tickets, and let the readers join."""
        created = [await boards.board(ports[0], TICKETS) for _ in range(1 + BOARDS)]
        site = cls(ports, created[0][0], [tickets for _, tickets in created])
        await site._audience.join(READERS)
        return site

    async def writes(self, mover: Mover, seconds: float) -> float:
        """Return moves per second of all servers together."""
        clients = CLIENTS // len(self._ports)
        loads = await asyncio.gather(*(load(port, clients, seconds, mover.plain) for port in self._ports))
        return sum(one.rate for one in loads)

    async def events(self, count: int) -> tuple[float, float]:
        """Return p50 and p99 in ms, over all readers of `count` events sent one after the other."""
        times: list[float] = []
        async with await Connection.open(self._ports[0]) as connection:
            for _ in range(count):
                move = self.one.plain()
                all_arrived = self._audience.count_arrivals()
                start = time.perf_counter()
                await connection.request(move)
                await wait_for_all(all_arrived)
                times += [at - start for at in self._audience.arrival_times]
        return percentile(times, 50) * 1000, percentile(times, 99) * 1000
