"""Real server processes on free loopback ports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.machine import Missing
from benchmarks.machine.cluster import free_port

QUIET = "3600"
"""Seconds; so long that no heartbeat or ping falls into a measurement."""


@dataclass(frozen=True)
class Plan:
    """The scope and targets of a measurement run."""

    quick: bool = False
    large: bool = False
    """Also measure what needs a large machine: 3,000 readers."""
    postgres: str | None = None
    """URL of a PostgreSQL server on which databases can be created; None means SQLite."""
    downloads: bool = True
    """Whether packages may be downloaded: the job queues that `claims` measures."""

    @property
    def on_sqlite(self) -> Plan:
        """The same on SQLite."""
        return replace(self, postgres=None)

    @property
    def rounds(self) -> int:
        """How often each figure is measured together with its floor."""
        return 3 if self.quick else 5


@dataclass(frozen=True)
class Server:
    """A process that answers requests."""

    port: int
    pid: int
    database: str = ""


@contextmanager
def serving(module: str, *arguments: str, **environment: str) -> Iterator[Server]:
    """Run `python -m MODULE` for the duration of the block. Its first line of output must end with its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=clean_environment(**environment),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{module} did not start")
        yield Server(int(line.rsplit(":", 1)[1]), process.pid)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def kanban(plan: Plan, **environment: str) -> Iterator[Server]:
    """Run the server on a new database."""
    with database(plan) as address, kanban_on(address, **environment) as server:
        yield server


@contextmanager
def kanban_on(address: str, **environment: str) -> Iterator[Server]:
    """Run the server on this database."""
    quiet = {"KANBAN_HEARTBEAT_SECONDS": QUIET, "KANBAN_PING_SECONDS": QUIET, "KANBAN_SILENCE_SECONDS": QUIET}
    with serving("kanban_server", "--port", "0", "--database", address, **quiet, **environment) as server:
        yield replace(server, database=address)


def analyze(server: Server) -> None:
    """Do what autovacuum does within a minute after a board has grown: PostgreSQL plans with statistics."""
    if server.database.startswith("postgresql"):
        import psycopg

        with psycopg.connect(server.database, autocommit=True) as admin:
            admin.execute("ANALYZE")


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis for the duration of the block; yield its address. Raises Missing."""
    if shutil.which("redis-server") is None:
        raise Missing("redis-server is not installed here")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.communicate()


@contextmanager
def endpoint() -> Iterator[Server]:
    """Run the bare FastAPI endpoint."""
    with serving("benchmarks.floors.endpoint") as server:
        yield server


@contextmanager
def broadcast(payload_bytes: int) -> Iterator[Server]:
    """Run the bare broadcast with payloads of this size."""
    with serving("benchmarks.floors.broadcast", str(payload_bytes)) as server:
        yield server


@contextmanager
def database(plan: Plan) -> Iterator[str]:
    """Create an empty database for the duration of the block; yield its address."""
    if plan.postgres is None:
        with tempfile.TemporaryDirectory(prefix="kanban-benchmark-") as folder:
            yield str(Path(folder) / "kanban.db")
        return
    import psycopg

    name = f"kanban_benchmark_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(plan.postgres, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield plan.postgres.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(plan.postgres, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without KANBAN variables, so that a developer's settings change no figure.

    Bytecode is cached, as in an installed package.
    """
    left_out = ("KANBAN_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**inherited, **more}
