"""A PostgreSQL cluster of a measurement's own, whose processor time and quota nobody else shares."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import Missing

START_SECONDS = 30.0
CONNECTIONS = "200"


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL with its default settings, except for the number of connections."""

    url: str
    pid: int
    """The postmaster, which starts all others."""


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a new cluster for the duration of the block. Raises Missing if PostgreSQL isn't installed here."""
    programs, owner = _programs(), _owner()
    with tempfile.TemporaryDirectory(prefix="kanban-benchmark-") as folder:
        if owner is not None:
            shutil.chown(folder, owner)
        data = Path(folder) / "data"
        initdb = [str(programs / "initdb"), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run(
            [*initdb, f"--pgdata={data}"], check=True, timeout=60, stdout=subprocess.DEVNULL, user=owner, cwd="/"
        )
        port = free_port()
        options = [f"--port={port}", "--listen_addresses=127.0.0.1", f"--unix_socket_directories={folder}"]
        options.append(f"--max_connections={CONNECTIONS}")
        command = [str(programs / "postgres"), "-D", str(data), *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=owner, cwd="/")
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            _wait(process, url)
            yield Cluster(url, process.pid)
        finally:
            process.send_signal(signal.SIGQUIT)  # its data is thrown away
            process.wait()


def settings(url: str) -> str:
    """Return the version of a PostgreSQL server and its settings that decide what a commit costs."""
    import psycopg

    with psycopg.connect(url) as connection:
        names = ("fsync", "synchronous_commit", "shared_buffers")
        values = [f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}" for name in names]  # type: ignore[index]
        return f"PostgreSQL {connection.execute('SHOW server_version').fetchone()[0].split()[0]}: {', '.join(values)}"  # type: ignore[index]


def _programs() -> Path:
    """Return the folder of initdb and postgres. Debian doesn't have them on the path."""
    initdb_paths = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "/-")]
    if not initdb_paths[-1].is_file():
        raise Missing("PostgreSQL is not installed here")
    return initdb_paths[-1].parent


def _owner() -> str | None:
    """Return another user if this process is root: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    raise Missing("PostgreSQL does not run as root, and there is no user postgres")


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
