"""The slowest moves under a steady rate of half the peak, compared with a bare endpoint at the same rate.

Requests are sent when they are due, whether or not those before have been answered.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import load, run, steady
from benchmarks.figures import Row, paired, percentile
from benchmarks.servers import Plan, Server, analyze, endpoint, kanban

CLIENTS = 32
"""Clients at the peak."""
TICKETS = 200
SHARE = 0.5
"""The steady rate, as a part of the peak."""
PERCENTILES = (50, 99, 99.9)
ENDPOINT = "bare endpoint"


def measure(plan: Plan) -> list[Row]:
    """Measure two rows for each database: the endpoint, and moves, at the same rate."""
    with ExitStack() as stack:
        servers = {"SQLite": stack.enter_context(kanban(plan.on_sqlite))}
        if plan.postgres is not None:
            servers["PostgreSQL"] = stack.enter_context(kanban(plan))
        bare = stack.enter_context(endpoint())
        return run(_measure(plan, servers, bare))


@dataclass
class Site:
    """A server with its steady rate, and the times of moves and of the endpoint, a list for each round."""

    port: int
    mover: Mover
    rate: float
    moves: list[list[float]] = field(default_factory=list)
    floor: list[list[float]] = field(default_factory=list)

    @classmethod
    async def create(cls, server: Server, seconds: float) -> Site:
        """Create a board, and measure the peak."""
        _, tickets = await boards.board(server.port, TICKETS)
        analyze(server)
        mover = Mover(tickets)
        await load(server.port, CLIENTS, 0.5, mover.plain)  # warm up
        peak = await load(server.port, CLIENTS, seconds, mover.plain)
        return cls(server.port, mover, peak.rate * SHARE)


async def _measure(plan: Plan, servers: dict[str, Server], bare: Server) -> list[Row]:
    seconds = 0.5 if plan.quick else 6.0
    sites = {name: await Site.create(server, seconds) for name, server in servers.items()}
    for _ in range(plan.rounds):
        for site in sites.values():
            site.floor.append(await steady(bare.port, site.rate, seconds, site.mover.plain))
            site.moves.append(await steady(site.port, site.rate, seconds, site.mover.plain))
    return [row for name, site in sites.items() for row in _rows(name, site)]


def _rows(name: str, site: Site) -> list[Row]:
    p99 = [[percentile(times, 99) for times in rounds] for rounds in (site.moves, site.floor)]
    return [
        Row(f"{ENDPOINT}, at half the peak on {name}", figures=_figures(site.rate, site.floor)),
        Row(f"moves at half the peak, {name}", {f"{ENDPOINT}'s p99": paired(*p99)}, _figures(site.rate, site.moves)),
    ]


def _figures(rate: float, rounds: list[list[float]]) -> dict[str, float]:
    """Percentiles of all rounds together: one round has too few requests for the last of them."""
    times = [one for of_round in rounds for one in of_round]
    return {"a second": rate, **{f"p{percent} ms": percentile(times, percent) * 1000 for percent in PERCENTILES}}
