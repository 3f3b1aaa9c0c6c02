"""A board of 100,000 tickets compared with one of 100, each on its own server and database."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from benchmarks import boards
from benchmarks.boards import RARE, Mover
from benchmarks.client import Connection, request, run
from benchmarks.figures import Row, Target, paired
from benchmarks.servers import Plan, Server, analyze, endpoint, kanban

SIZES = (100, 1_000, 10_000, 100_000)
SNAPSHOT_MS = {10_000: 150.0}
"""Tickets to the maximum time of a snapshot in ms."""
FLAT = 1.3
"""Maximum growth of a figure from the smallest board to a larger one, where it should not grow."""
MOVE, PAGE, SEARCH, SNAPSHOT = "a move", "first page of 50", "search page", "snapshot"
SNAPSHOT_TICKETS = 20_000
"""Approximate tickets in snapshots per round: a few small snapshots, or one large one."""
SMALLEST, ENDPOINT = "100 tickets", "bare endpoint"


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each operation and size."""
    sizes = SIZES[:3] if plan.quick else SIZES
    with ExitStack() as stack:
        bare = stack.enter_context(endpoint())
        servers = {size: stack.enter_context(kanban(plan)) for size in sizes}
        return run(_measure(plan, bare, servers))


class Sized:
    """One client of a server whose only board has a given number of tickets."""

    def __init__(self, size: int, port: int, board: int, mover: Mover, repeats: int) -> None:
        self._port = port
        self._mover = mover
        self._repeats = repeats
        self._snapshots = max(1, min(10, SNAPSHOT_TICKETS // size))
        self._page = request("GET", f"/api/tickets?board_id={board}")
        self._search = request("GET", f"/api/tickets?board_id={board}&search={RARE}")
        self._snapshot = request("GET", f"/api/boards/{board}/snapshot")

    async def round(self) -> dict[str, float]:
        """Return the time of each operation in ms: the median of a few."""
        async with await Connection.open(self._port) as connection:
            return {
                MOVE: await median_ms(connection, self._mover.plain, self._repeats),
                PAGE: await median_ms(connection, lambda: self._page, self._repeats),
                SEARCH: await median_ms(connection, lambda: self._search, self._repeats),
                SNAPSHOT: median([await self._fresh_snapshot(connection) for _ in range(self._snapshots)]),
            }

    async def _fresh_snapshot(self, connection: Connection) -> float:
        """Request a snapshot after an event: a snapshot is encoded once per event of the log."""
        await connection.request(self._mover.plain())
        return await median_ms(connection, lambda: self._snapshot, 1)


async def median_ms(connection: Connection, next_request: Callable[[], bytes], repeats: int) -> float:
    """Return the median time of `repeats` requests in ms, sent one after the other."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        await connection.request(next_request())
        times.append(time.perf_counter() - start)
    return median(times) * 1000


async def _measure(plan: Plan, bare: Server, servers: dict[int, Server]) -> list[Row]:
    repeats = 40 if plan.quick else 80
    unmoved = Mover([1])
    sized: dict[int, Sized] = {}
    filling: dict[int, float] = {}
    for size, server in servers.items():
        start = time.perf_counter()
        board, tickets = await boards.board(server.port, size)
        filling[size] = size / (time.perf_counter() - start)
        analyze(server)
        sized[size] = Sized(size, server.port, board, Mover(tickets[-40:]), repeats)
        await sized[size].round()  # warm up

    floor: list[float] = []
    rounds: dict[int, list[dict[str, float]]] = {size: [] for size in sized}
    for _ in range(plan.rounds):
        async with await Connection.open(bare.port) as connection:
            floor.append(await median_ms(connection, unmoved.plain, repeats))
        for size, client in sized.items():
            rounds[size].append(await client.round())

    rows = [Row(f"{ENDPOINT}, 1 client", figures={"p50 ms": median(floor)})]
    for what in (MOVE, PAGE, SEARCH, SNAPSHOT):
        smallest = [one[what] for one in rounds[SIZES[0]]]
        for size in sized:
            times = [one[what] for one in rounds[size]]
            ratios = {SMALLEST: paired(times, smallest), ENDPOINT: paired(times, floor)}
            rows.append(Row(f"{what}, {size:,} tickets", ratios, {"p50 ms": median(times)}, _target(what, size)))
    rows += [Row(f"import of {size:,} tickets", figures={"a second": rate}) for size, rate in filling.items()]
    return rows


def _target(what: str, size: int) -> Target | None:
    """Return the target: a snapshot grows with its board; nothing else does."""
    if what == SNAPSHOT:
        return Target("p50 ms", "≤", SNAPSHOT_MS[size]) if size in SNAPSHOT_MS else None
    return Target(SMALLEST, "≤", FLAT) if size > SIZES[0] else None
