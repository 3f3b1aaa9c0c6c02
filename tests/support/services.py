"""PostgreSQL and Redis servers of a test's own, on free ports, which it may stop and kill."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.servers import free_port
from tests.support.waiting import until


class Redis:
    """A Redis without persistence."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(lambda: answers(self.port), what="Redis")

    def stop(self, sig: int = signal.SIGKILL) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(sig)
            process.wait(timeout=20)

    def flush(self) -> None:
        """Delete all data."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(100) == b"+OK\r\n"


class Postgres:
    """A PostgreSQL cluster of a test's own, with the usual durability; with `primary`, a standby of that cluster."""

    def __init__(self, folder: Path, programs: Path, primary: Postgres | None = None) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._data = folder / "data"
        self._programs = programs
        if primary is None:
            self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        else:
            self._run("pg_basebackup", f"--dbname={primary.url}", "--write-recovery-conf", "--checkpoint=fast")

    def start(self) -> None:
        options = f"-p {self.port} -k {self._data} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--options={options}", f"--log={self._data}/log")

    def stop(self, mode: str = "immediate") -> None:
        """Stop; `immediate` is a crash: what is in memory is lost."""
        self._run("pg_ctl", "stop", f"--mode={mode}", "--silent")

    def kill(self) -> None:
        """`kill -9` for each process of the cluster, as if its machine was lost."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in [pid, *map(int, children)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def promote(self) -> None:
        """Make the standby a primary, and wait until it accepts changes."""
        self._run("pg_ctl", "promote", "--wait", "--silent")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), f"--pgdata={self._data}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=other_user(), cwd="/")


@contextmanager
def own_redis() -> Iterator[Redis]:
    """Run a Redis for the duration of the block; skips if none is installed."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    redis = Redis()
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


@contextmanager
def own_postgres(primary: Postgres | None = None) -> Iterator[Postgres]:
    """Run a PostgreSQL, or a standby of one, for the duration of the block; skips if none is installed."""
    initdb_paths = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not initdb_paths[-1].is_file():
        pytest.skip("PostgreSQL is not installed here")
    with tempfile.TemporaryDirectory(prefix="kanban-postgres-") as folder:
        if (owner := other_user()) is not None:
            shutil.chown(folder, owner)
        postgres = Postgres(Path(folder), initdb_paths[-1].parent, primary)
        postgres.start()
        try:
            yield postgres
        finally:
            with suppress(subprocess.CalledProcessError):
                postgres.stop()


def other_user() -> str | None:
    """Return another user if this process is root: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("there is no user postgres")


def answers(port: int) -> bool:
    """Whether a process listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
