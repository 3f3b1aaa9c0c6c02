"""Moves per second, compared with a bare endpoint, with bare commits, and with many readers connected."""

from __future__ import annotations

import asyncio
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Load, load, run
from benchmarks.figures import Row, Target, paired, several
from benchmarks.floors.commits import Commits
from benchmarks.servers import Plan, Server, database, endpoint, kanban, serving

CLIENTS = (1, 8, 32)
TICKETS = 200
AT_LEAST = {"": 0.50, ", with a key": 0.40}
"""Targets at the largest number of clients, relative to the bare endpoint's rate."""
ENDPOINT, COMMITS, ALONE = "bare endpoint", "bare commits", "no readers"
READERS = 200
FOLLOWED = 0.5
"""Target with readers, relative to the rate without readers."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of clients, with and without an idempotency key."""
    with kanban(plan) as ours, endpoint() as bare, database(plan) as address:
        return run(_measure(plan, ours, bare, Commits(address)))


async def _measure(plan: Plan, ours: Server, bare: Server, commits: Commits) -> list[Row]:
    board, tickets = await boards.board(ours.port, TICKETS)
    mover, unmoved = Mover(tickets), Mover(tickets)
    seconds = 0.5 if plan.quick else 1.5
    for port, next_move in ((ours.port, mover.plain), (bare.port, unmoved.plain)):
        await load(port, max(CLIENTS), 0.5, next_move)  # warm up

    rows, commit_rates = [], []
    for clients in CLIENTS:
        floor: list[Load] = []
        commits_beside: list[float] = []
        moves: dict[str, list[Load]] = {how: [] for how in AT_LEAST}
        for _ in range(plan.rounds):
            floor.append(await load(bare.port, clients, seconds, unmoved.plain))
            for how, next_move in zip(moves, (mover.plain, mover.keyed), strict=True):
                moves[how].append(await load(ours.port, clients, seconds, next_move))
            commits_beside.append(await asyncio.to_thread(commits.rate, seconds / 2))
        commit_rates += commits_beside
        rows.append(Row(f"{ENDPOINT}, {several(clients, 'client')}", figures=_figures(floor)))
        for how, measured in moves.items():
            rates = [one.rate for one in measured]
            ratios = {ENDPOINT: paired(rates, [one.rate for one in floor]), COMMITS: paired(rates, commits_beside)}
            target = Target(ENDPOINT, "≥", AT_LEAST[how]) if clients == max(CLIENTS) else None
            rows.append(Row(f"moves, {several(clients, 'client')}{how}", ratios, _figures(measured), target))
    rows.append(await _followed(plan, ours, board, mover, seconds))
    rows.append(Row("bare commits, one after the other", figures={"a second": median(commit_rates)}))
    return rows


async def _followed(plan: Plan, ours: Server, board: int, mover: Mover, seconds: float) -> Row:
    """Measure the largest number of clients alternately with readers, in a process of their own, and without."""
    alone, followed = [], []
    for _ in range(plan.rounds):
        alone.append(await load(ours.port, max(CLIENTS), seconds, mover.plain))
        with serving("benchmarks.followers", str(ours.port), str(board), str(READERS)):
            followed.append(await load(ours.port, max(CLIENTS), seconds, mover.plain))
    ratio = paired([one.rate for one in followed], [one.rate for one in alone])
    target = Target(ALONE, "≥", FOLLOWED)
    return Row(f"moves, {max(CLIENTS)} clients, {READERS} readers", {ALONE: ratio}, _figures(followed), target)


def _figures(measured: list[Load]) -> dict[str, float]:
    return {
        "a second": median(one.rate for one in measured),
        "p50 ms": median(one.p50 for one in measured),
        "p99 ms": median(one.p99 for one in measured),
    }
