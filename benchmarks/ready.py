"""Frequent agent requests: a board of 100,000 tickets with 50,000 dependencies compared with one of 100 with 50."""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median

import orjson

from benchmarks import boards
from benchmarks.client import Connection, request, run
from benchmarks.figures import Row, Target, paired
from benchmarks.reads import FLAT, SMALLEST, median_ms
from benchmarks.servers import Plan, Server, analyze, kanban

SIZES = (100, 10_000, 100_000)
NEXT, LIST, NOTHING = "next with claim", "list of ready tickets", "next, with nothing to do"


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each request and size."""
    sizes = SIZES[:2] if plan.quick else SIZES
    with ExitStack() as stack:
        servers = {size: stack.enter_context(kanban(plan)) for size in sizes}
        return run(_measure(plan, servers))


class Asker:
    """One client of a server whose only board has a given number of tickets, half of them blocked."""

    def __init__(self, port: int, board: int, repeats: int) -> None:
        self._port = port
        self._repeats = repeats
        self._next = request("POST", f"/api/boards/{board}/next", {"claim": True, "claimed_by": "ada"})
        self._list = request("GET", f"/api/tickets?board_id={board}&ready=true&page_size=20")
        asks = {"columns": ["Blocked"], "claimed_by": "ada"}
        self._nothing = request("POST", f"/api/boards/{board}/next", asks)

    async def round(self) -> dict[str, float]:
        """Return the time of each request in ms: the median of a few. Claimed tickets are released."""
        async with await Connection.open(self._port) as connection:
            return {
                NEXT: median([await self._claimed(connection) for _ in range(self._repeats)]),
                LIST: await median_ms(connection, lambda: self._list, self._repeats),
                NOTHING: await median_ms(connection, lambda: self._nothing, self._repeats),
            }

    async def _claimed(self, connection: Connection) -> float:
        start = time.perf_counter()
        answer = await connection.request(self._next)
        milliseconds = (time.perf_counter() - start) * 1000
        ticket = orjson.loads(answer)["ticket"]["id"]
        await connection.request(request("POST", f"/api/tickets/{ticket}/release", {"released_by": "ada"}))
        return milliseconds


async def _measure(plan: Plan, servers: dict[int, Server]) -> list[Row]:
    repeats = 40 if plan.quick else 80
    askers: dict[int, Asker] = {}
    for size, server in servers.items():
        board = await boards.waiting_board(server.port, size)
        analyze(server)
        askers[size] = Asker(server.port, board, repeats)
        await askers[size].round()  # warm up
    rounds: dict[int, list[dict[str, float]]] = {size: [] for size in askers}
    for _ in range(plan.rounds):
        for size, asker in askers.items():
            rounds[size].append(await asker.round())
    rows = []
    for what in (NEXT, LIST, NOTHING):
        smallest = [one[what] for one in rounds[SIZES[0]]]
        for size in askers:
            times = [one[what] for one in rounds[size]]
            flat = Target(SMALLEST, "≤", FLAT) if size > SIZES[0] else None
            rows.append(
                Row(f"{what}, {size:,} tickets", {SMALLEST: paired(times, smallest)}, {"p50 ms": median(times)}, flat)
            )
    return rows
