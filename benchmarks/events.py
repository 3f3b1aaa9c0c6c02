"""Time from the start of a request to the arrival of its event at each reader, compared with a bare broadcast."""

from __future__ import annotations

import time
from contextlib import closing
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Connection, run
from benchmarks.figures import Row, Target, paired, percentile, several
from benchmarks.readers import Audience, stalled, wait_for_all
from benchmarks.servers import Plan, Server, broadcast, kanban

READERS = (1, 50, 200, 1_000)
MANY = 3_000
EVENTS = {1: 100, 50: 60, 200: 40, 1_000: 30, 3_000: 15}
"""Number of readers to events per round."""
ROOM = str(MANY + 100)
AGAINST_FLOOR = 1.15
AT_50_MS = 12.0
FLOOR_P50, FLOOR_P99 = "bare p50", "bare p99"
CLOG, CLOG_BYTES = 120, 60_000
"""Tickets, and bytes of text in each, whose events fill the buffers between the server and a stalled reader."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of readers."""
    with kanban(plan, KANBAN_CONNECTIONS=ROOM) as ours:
        with broadcast(run(_event_bytes(ours))) as bare:
            return run(_measure(plan, ours, bare))


class Broadcaster:
    """Sends an event to readers and measures the time until each has it."""

    def __init__(self, audience: Audience, mover: Mover) -> None:
        self.audience = audience
        self._mover = mover

    async def round(self, events: int) -> tuple[float, float]:
        """Return p50 and p99 in ms, over all readers of `events` events sent one after the other."""
        times: list[float] = []
        async with await Connection.open(self.audience.port) as connection:
            for _ in range(events):
                move = self._mover.plain()
                all_arrived = self.audience.count_arrivals()
                start = time.perf_counter()
                await connection.request(move)
                await wait_for_all(all_arrived)
                times += [at - start for at in self.audience.arrival_times]
        return percentile(times, 50) * 1000, percentile(times, 99) * 1000


async def _event_bytes(ours: Server) -> int:
    """Return the size of a move's event."""
    board, tickets = await boards.board(ours.port, 1)
    audience = Audience(ours.port, board)
    await audience.join(1)
    await Broadcaster(audience, Mover(tickets)).round(1)
    return audience.frame_bytes


async def _measure(plan: Plan, ours: Server, bare: Server) -> list[Row]:
    board, tickets = await boards.board(ours.port, 40)
    mine = Broadcaster(Audience(ours.port, board), Mover(tickets))
    floor = Broadcaster(Audience(bare.port, 1), Mover(tickets))
    rows = []
    with closing(stalled(ours.port, board)), closing(stalled(bare.port, 1)):
        async with await Connection.open(ours.port) as connection:
            for number in range(CLOG):
                text = {"title": f"Clog {number}", "board_id": board, "description": "x" * CLOG_BYTES}
                await connection.json("POST", "/api/tickets", text)
        for readers in (*READERS, MANY) if plan.large else READERS:
            rows += await _at(plan, readers, mine, floor)
    return rows


async def _at(plan: Plan, readers: int, mine: Broadcaster, floor: Broadcaster) -> list[Row]:
    both: dict[Broadcaster, list[tuple[float, float]]] = {floor: [], mine: []}
    for one in both:
        await one.audience.join(readers)
        await one.round(3)  # warm up
    for _ in range(plan.rounds):
        for one, rounds in both.items():
            rounds.append(await one.round(EVENTS[readers]))
    for one in both:
        one.audience.leave()

    (floor50, floor99), (mine50, mine99) = (zip(*rounds, strict=True) for rounds in both.values())
    target = None
    if readers == 50:
        target = Target("p99 ms", "≤", AT_50_MS)
    elif readers >= 1_000:
        target = Target(FLOOR_P99, "≤", AGAINST_FLOOR)
    ratios = {FLOOR_P50: paired(mine50, floor50), FLOOR_P99: paired(mine99, floor99)}
    return [
        Row(
            f"bare broadcast, {several(readers, 'reader')}",
            figures={"p50 ms": median(floor50), "p99 ms": median(floor99)},
        ),
        Row(
            f"events, {several(readers, 'reader')}",
            ratios,
            {"p50 ms": median(mine50), "p99 ms": median(mine99)},
            target,
        ),
    ]
