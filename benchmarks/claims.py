"""Claim-to-done cycles per second on SQLite and on PostgreSQL, beside the same in job queues of PostgreSQL.

A worker takes a job and finishes it, with one request or statement each; on a board also with one request that finishes
a ticket and claims the next.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from benchmarks.client import Load, run
from benchmarks.figures import Row, Target, not_measured, paired, several
from benchmarks.machine import Missing
from benchmarks.machine.cluster import settings
from benchmarks.queues import Queue, pgboss, procrastinate
from benchmarks.queues.board import BoardQueue
from benchmarks.servers import Plan, Server, database, kanban

WORKERS = (1, 8, 32)
JOBS_PER_SECOND = 4_000
"""Jobs that wait at the start of a round, per second of the round."""
SQLITE, POSTGRESQL = "cycles, SQLite", "cycles, PostgreSQL"
ONE_REQUEST = ", one request"
AT_LEAST = 0.6
"""Target on PostgreSQL at the largest number of workers, relative to the rate on SQLite."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each queue and number of workers; the last rows say what was not measured, and the settings."""
    with ExitStack() as stack:
        servers = {SQLITE: stack.enter_context(kanban(plan.on_sqlite))}
        queues: dict[str, Queue] = {}
        notes: list[Row] = []
        if plan.postgres is None:
            notes.append(not_measured("there is no --postgres", "PostgreSQL and job queues: "))
        else:
            servers[POSTGRESQL] = stack.enter_context(kanban(plan))
            for name, start in QUEUES.items():
                try:
                    if not plan.downloads:
                        raise Missing("downloads are switched off")
                    label, queue = start(plan, stack)
                    queues[label] = queue
                except Missing as reason:
                    notes.append(not_measured(reason, f"{name}: "))
            notes.append(Row(f"on {settings(plan.postgres)}"))
        return run(_measure(plan, servers, queues)) + notes


async def _measure(plan: Plan, servers: dict[str, Server], others: dict[str, Queue]) -> list[Row]:
    queues: dict[str, Queue] = {name: await BoardQueue.create(server.port) for name, server in servers.items()}
    for name, server in servers.items():
        queues[name + ONE_REQUEST] = await BoardQueue.create(server.port, one_request=True)
    queues |= others
    seconds = 0.25 if plan.quick else 1.5
    jobs = int(JOBS_PER_SECOND * seconds)
    for queue in queues.values():
        await queue.fill(jobs)
        await queue.run(max(WORKERS), 0.3)  # warm up

    rows = []
    for workers in WORKERS:
        loads: dict[str, list[Load]] = {name: [] for name in queues}
        for _ in range(plan.rounds):
            for name, queue in queues.items():
                await queue.fill(jobs)
                loads[name].append(await queue.run(workers, seconds))
        rows += [_row(name, workers, loads) for name in queues]
    return rows


def _row(name: str, workers: int, loads: dict[str, list[Load]]) -> Row:
    rates = {other: [load.rate for load in of_other] for other, of_other in loads.items()}
    ratios, target = {}, None
    if name == POSTGRESQL:
        ratios = {other.removeprefix("cycles, "): paired(rates[name], rates[other]) for other in loads if other != name}
        if workers == max(WORKERS):
            target = Target("SQLite", "≥", AT_LEAST)
    figures = {
        "a second": median(rates[name]),
        "p50 ms": median(load.p50 for load in loads[name]),
        "p99 ms": median(load.p99 for load in loads[name]),
    }
    return Row(f"{name}, {several(workers, 'worker')}", ratios, figures, target)


def _procrastinate(plan: Plan, stack: ExitStack) -> tuple[str, Queue]:
    folder = stack.enter_context(procrastinate.installed())
    queue = procrastinate.Procrastinate(stack.enter_context(database(plan)), folder)
    return f"procrastinate {procrastinate.version(folder)}", queue


def _pgboss(plan: Plan, stack: ExitStack) -> tuple[str, Queue]:
    folder = stack.enter_context(pgboss.installed())
    queue = stack.enter_context(pgboss.running(stack.enter_context(database(plan)), folder))
    return f"pg-boss {pgboss.version(folder)}", queue


QUEUES: dict[str, Callable[[Plan, ExitStack], tuple[str, Queue]]] = {
    "procrastinate": _procrastinate,
    "pg-boss": _pgboss,
}
