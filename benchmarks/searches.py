"""Searches and filtered lists: a board of 100,000 tickets compared with one of 100, each on its own server."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from statistics import median
from urllib.parse import quote

from benchmarks import boards
from benchmarks.boards import RARE, RARE_PAIR
from benchmarks.client import Connection, request, run
from benchmarks.figures import Row, Target, paired
from benchmarks.reads import SMALLEST, median_ms
from benchmarks.servers import Plan, Server, kanban

SIZES = (100, 10_000, 100_000)
FLAT = 1.5
"""Maximum growth of a first page from the smallest board to a larger one, where both find ten tickets."""
_PATHS = {
    "search for a word": f"/api/tickets?board_id={{board}}&search={RARE}",
    "search for two Chinese letters": f"/api/tickets?board_id={{board}}&search={quote(RARE_PAIR)}",
    "search of all boards": f"/api/search?q={quote(RARE_PAIR)}",
}
_GROWING = {
    "search for a word of most tickets": "/api/tickets?board_id={board}&search=ordinary",
    "search of all boards for a word of most tickets": "/api/search?q=ordinary",
    "label of all tickets": "/api/tickets?board_id={board}&label=watch",
    "label of every seventh ticket": "/api/tickets?board_id={board}&label=area-3",
    "priority": "/api/tickets?board_id={board}&priority=medium",
    "sorted by the last change": "/api/tickets?board_id={board}&sort=updated",
}
"""Lists whose first page takes longer on a larger board, since all that match are counted or compared."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each list and size."""
    sizes = SIZES[:2] if plan.quick else SIZES
    with ExitStack() as stack:
        servers = {size: stack.enter_context(kanban(plan)) for size in sizes}
        return run(_measure(plan, servers))


async def _round(server: Server, board: int, repeats: int) -> dict[str, float]:
    """Return the time of each first page in ms: the median of a few."""
    times = {}
    async with await Connection.open(server.port) as connection:
        for what, path in (_PATHS | _GROWING).items():
            page = partial(request, "GET", path.format(board=board))
            times[what] = await median_ms(connection, page, repeats if what in _PATHS else 5)
    return times


async def _measure(plan: Plan, servers: dict[int, Server]) -> list[Row]:
    repeats = 20 if plan.quick else 40
    board_ids = {}
    for size, server in servers.items():
        board_ids[size], _ = await boards.board(server.port, size)
        await _round(server, board_ids[size], repeats)  # warm up
    rounds: dict[int, list[dict[str, float]]] = {size: [] for size in servers}
    for _ in range(plan.rounds):
        for size, server in servers.items():
            rounds[size].append(await _round(server, board_ids[size], repeats))
    rows = []
    for what in (*_PATHS, *_GROWING):
        smallest = [one[what] for one in rounds[SIZES[0]]]
        for size in servers:
            times = [one[what] for one in rounds[size]]
            flat = Target(SMALLEST, "≤", FLAT) if size > SIZES[0] and what in _PATHS else None
            ratios = {SMALLEST: paired(times, smallest)}
            rows.append(Row(f"{what}, {size:,} tickets", ratios, {"p50 ms": median(times)}, flat))
    return rows
