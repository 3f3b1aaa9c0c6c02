"""Moves per second, compared with a bare endpoint, with bare commits, and with many readers connected.

On PostgreSQL also compared with the same on SQLite.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from statistics import median

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Load, load, run
from benchmarks.figures import Row, Target, paired, several
from benchmarks.floors.commits import Commits
from benchmarks.servers import Plan, Server, database, endpoint, kanban, serving

CLIENTS = (1, 8, 32)
TICKETS = 200
ENDPOINT, COMMITS, ALONE, SQLITE, UNKEYED = "bare endpoint", "bare commits", "no readers", "SQLite", "no key"
PLAIN, KEYED = "", ", with a key"
ON_SQLITE = {PLAIN: Target(ENDPOINT, "≥", 0.50), KEYED: Target(ENDPOINT, "≥", 0.40)}
ON_POSTGRESQL = {PLAIN: Target(SQLITE, "≥", 0.50), KEYED: Target(UNKEYED, "≥", 0.80)}
"""Targets at the largest number of clients."""
READERS = 200
FOLLOWED = 0.5
"""Target with readers, relative to the rate without readers."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each number of clients, with and without an idempotency key."""
    with kanban(plan) as ours, endpoint() as bare, database(plan) as address, ExitStack() as stack:
        sqlite = stack.enter_context(kanban(plan.on_sqlite)) if plan.postgres else None
        return run(_measure(plan, ours, bare, Commits(address), sqlite))


async def _measure(plan: Plan, ours: Server, bare: Server, commits: Commits, sqlite: Server | None) -> list[Row]:
    board, tickets = await boards.board(ours.port, TICKETS)
    mover, unmoved = Mover(tickets), Mover(tickets)
    seconds = 0.5 if plan.quick else 1.5
    loads = {ENDPOINT: (bare.port, unmoved.plain), PLAIN: (ours.port, mover.plain), KEYED: (ours.port, mover.keyed)}
    if sqlite is not None:
        loads[SQLITE] = (sqlite.port, Mover((await boards.board(sqlite.port, TICKETS))[1]).plain)
    for port, next_request in loads.values():
        await load(port, max(CLIENTS), 0.5, next_request)  # warm up

    rows, commit_rates = [], []
    for clients in CLIENTS:
        measured: dict[str, list[Load]] = {name: [] for name in loads}
        commits_beside: list[float] = []
        for _ in range(plan.rounds):
            for name, (port, next_request) in loads.items():
                measured[name].append(await load(port, clients, seconds, next_request))
            commits_beside.append(await asyncio.to_thread(commits.rate, seconds / 2))
        commit_rates += commits_beside
        rows += _rows(clients, measured, commits_beside)
    rows.append(await _followed(plan, ours, board, mover, seconds))
    rows.append(Row("bare commits, one after the other", figures={"a second": median(commit_rates)}))
    return rows


def _rows(clients: int, measured: dict[str, list[Load]], commits: list[float]) -> list[Row]:
    rates = {name: [one.rate for one in loads] for name, loads in measured.items()}
    rows = [Row(f"{ENDPOINT}, {several(clients, 'client')}", figures=_figures(measured[ENDPOINT]))]
    if SQLITE in measured:
        rows.append(Row(f"moves, {several(clients, 'client')}, {SQLITE}", figures=_figures(measured[SQLITE])))
    for how in (PLAIN, KEYED):
        ratios = {ENDPOINT: paired(rates[how], rates[ENDPOINT]), COMMITS: paired(rates[how], commits)}
        if SQLITE in measured and how == PLAIN:
            ratios[SQLITE] = paired(rates[how], rates[SQLITE])
        if how == KEYED:
            ratios[UNKEYED] = paired(rates[how], rates[PLAIN])
        targets = ON_POSTGRESQL if SQLITE in measured else ON_SQLITE
        target = targets[how] if clients == max(CLIENTS) else None
        rows.append(Row(f"moves, {several(clients, 'client')}{how}", ratios, _figures(measured[how]), target))
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
