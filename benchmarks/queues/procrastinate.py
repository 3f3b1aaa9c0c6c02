"""procrastinate's own SQL functions, each worker with a connection: fetch a job, finish it, one statement each."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import queues
from benchmarks.client import Load, timed

PACKAGE = "procrastinate>=3.2,<4"
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target")
INSERT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'jobs', 'job', '{}' FROM generate_series(1, %s)
"""


@contextmanager
def installed() -> Iterator[Path]:
    """Download the package for the duration of the block; yield its folder. Raises Missing.

    Only its SQL is read: nothing of it is imported.
    """
    with queues.installed(PACKAGE, PIP) as folder:
        yield folder


def version(folder: Path) -> str:
    """Return the version that was downloaded."""
    return next(folder.glob("procrastinate-*.dist-info")).name.removesuffix(".dist-info").partition("-")[2]


class Procrastinate:
    """A queue in a database of its own."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        sql = folder / "procrastinate" / "sql"
        parts = re.split(r"^-- (\w+) --$", (sql / "queries.sql").read_text(), flags=re.MULTILINE)
        self._queries = dict(zip(parts[1::2], parts[2::2], strict=True))
        self._waiting = 0
        self._create((sql / "schema.sql").read_text())

    def _create(self, schema: str) -> None:
        """Create the tables and functions."""
        import psycopg

        with psycopg.connect(self._address) as connection:
            connection.execute(schema.encode())

    async def fill(self, jobs: int) -> None:
        """Insert jobs until `jobs` wait."""
        async with await self._connect() as connection:
            await connection.execute(INSERT, [max(0, jobs - self._waiting)])
            await connection.execute("ANALYZE")
        self._waiting = max(jobs, self._waiting)

    async def run(self, workers: int, seconds: float) -> Load:
        """Run one connection per worker, each registered as a worker of procrastinate."""
        connections = [await self._connect() for _ in range(workers)]
        turns = []
        for connection in connections:
            worker = await (await connection.execute(self._queries["register_worker"])).fetchone()
            turns.append(partial(self._turn, connection, worker[0]))
        load = await timed(turns, seconds)
        for connection in connections:
            await connection.close()
        return load

    async def _turn(self, connection: Any, worker: int) -> bool:
        job = await connection.execute(self._queries["fetch_job"], {"queues": None, "worker_id": worker})
        id = (await job.fetchone())[0]
        if id is None:
            return False
        self._waiting -= 1
        finished = {"job_id": id, "status": "succeeded", "delete_job": False}
        await connection.execute(self._queries["finish_job"], finished)
        return True

    async def _connect(self) -> Any:
        import psycopg

        return await psycopg.AsyncConnection.connect(self._address, autocommit=True)
