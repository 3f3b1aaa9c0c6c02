"""`python -m benchmarks`: run the measurements and print one table per subject."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks import (
    browser,
    claims,
    events,
    hooks,
    instances,
    locks,
    memory,
    page,
    processor,
    quotas,
    reads,
    ready,
    searches,
    starts,
    tails,
    vacuum,
    writes,
)
from benchmarks.figures import Row, not_measured, table
from benchmarks.machine import Missing
from benchmarks.servers import Plan

SUBJECTS: dict[str, Callable[[Plan], list[Row]]] = {
    "writes": writes.measure,
    "claims": claims.measure,
    "reads": reads.measure,
    "ready": ready.measure,
    "searches": searches.measure,
    "events": events.measure,
    "starts": starts.measure,
    "hooks": hooks.measure,
    "memory": memory.measure,
    "instances": instances.measure,
    "quotas": quotas.measure,
    "processor": processor.measure,
    "tails": tails.measure,
    "locks": locks.measure,
    "vacuum": vacuum.measure,
    "browser": browser.measure,
}


def main() -> None:
    arguments = _arguments()
    _allow_many_sockets()
    plan = Plan(arguments.quick, arguments.large, arguments.postgres, not arguments.no_downloads)
    measured: dict[str, list[Row]] = {}
    for subject in arguments.subjects or SUBJECTS:
        start = time.perf_counter()
        try:
            measured[subject] = SUBJECTS[subject](plan)
        except Missing as reason:
            measured[subject] = [not_measured(reason)]
        print(f"{table(subject, measured[subject])}\n({time.perf_counter() - start:.0f} s)\n", flush=True)
    rows = [row for of_subject in measured.values() for row in of_subject]
    print(f"{sum(row.met is True for row in rows)} of {sum(row.met is not None for row in rows)} targets are met.")
    if arguments.page:
        page.write(arguments.page, plan, measured)
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(_document(plan, measured), option=orjson.OPT_INDENT_2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure; the tables begin with ratios.")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"{', '.join(SUBJECTS)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, at most 10,000 tickets")
    parser.add_argument("--large", action="store_true", help="also 3,000 readers")
    parser.add_argument("--postgres", metavar="URL", help="on new databases of this PostgreSQL server, not on SQLite")
    parser.add_argument("--no-downloads", action="store_true", help="do not download job queues for `claims`")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all figures to this file")
    parser.add_argument("--page", metavar="FILE", type=Path, help="write the tables into this document")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.subjects if name not in SUBJECTS]:
        parser.error(f"there is no subject {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    return arguments


def _allow_many_sockets() -> None:
    """Raise the limit of open files to this user's maximum; the servers inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _document(plan: Plan, measured: dict[str, list[Row]]) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "database": "postgresql" if plan.postgres else f"sqlite {sqlite3.sqlite_version}",
        "quick": plan.quick,
        "subjects": {subject: [row.as_json() for row in rows] for subject, rows in measured.items()},
    }


if __name__ == "__main__":
    main()
