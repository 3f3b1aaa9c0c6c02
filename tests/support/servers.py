"""Real servers on free ports, with real databases."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from kanban_cli.sessions.session_files import SESSION_VARIABLES
from kanban_sdk import Kanban

POSTGRES = os.environ.get("KANBAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
"""PostgreSQL server on which tests create their databases."""

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests with their own database: only SQLite, in the normal suite."""
on_sqlite_and_slowly_on_both = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])], indirect=True
)
"""The same, and PostgreSQL as a slow test."""


SECRET = re.compile(r"(?:kbn|whsec)_[A-Za-z0-9].*")
"""A token, a session, a local key, or a webhook's secret."""


FEW_CONNECTIONS = {"KANBAN_READERS": "3", "KANBAN_WRITERS": "4"}
"""PostgreSQL takes a hundred connections in all, and many servers run at once here."""


class Server:
    """A server process. It can be killed and started again on the same port and database."""

    def __init__(self, database: str, **environment: str) -> None:
        self.database = database
        self.environment = environment
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.descriptors: int | None = None
        """Limit of the process's open files, if it differs from this process's."""
        self._log_text: str | None = None
        self.log = tempfile.NamedTemporaryFile("w+", prefix="kanban-server-", suffix=".log")  # noqa: SIM115

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> Server:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kanban_server", "--port", str(self.port), "--database", self.database],
            env=clean_environment(**{**FEW_CONNECTIONS, **self.environment}),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            preexec_fn=None if self.descriptors is None else self._limit_descriptors,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("Kanban is at "):
            raise AssertionError(f"the server did not start: {line}{self.log_text()}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def _limit_descriptors(self) -> None:
        import resource

        assert self.descriptors is not None
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def kill(self) -> None:
        """`kill -9`."""
        self.stop(signal.SIGKILL)

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit code."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(sig)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log_text(self) -> str:
        """Return its stderr."""
        return Path(self.log.name).read_text() if self._log_text is None else self._log_text

    def close_log(self) -> None:
        """Close and remove the log file; `log_text` returns its text all the same."""
        self._log_text = self.log_text()
        self.log.close()

    def kanban(self, user: str | None = None, **options: Any) -> Kanban:
        return Kanban(self.url, user, **options)


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without variables that `kanban` reads, so that a developer's settings change no test."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KANBAN_") and name not in SESSION_VARIABLES
    }
    return {**inherited, "PYTHONUNBUFFERED": "1", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(database: str, **environment: str) -> Iterator[Server]:
    """Run a server for the duration of the block. Its log must never contain a secret."""
    server = Server(database, **environment).start()
    try:
        yield server
    finally:
        if server.running():
            server.stop(signal.SIGKILL)
        server.close_log()
    assert SECRET.findall(server.log_text()) == []


@contextmanager
def postgres_database(template: str = "template1", more: str = "") -> Iterator[str]:
    """Copy a PostgreSQL database for the duration of the block; yield its URL. `more` is SQL for CREATE DATABASE."""
    import psycopg

    name = f"kanban_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.rpartition("/")[2]}" {more}')
    try:
        yield POSTGRES.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrated(database: str) -> str:
    """Migrate the database to the newest revision with the real migrations."""
    from kanban_server.settings import Settings
    from kanban_server.store.database import driver_for
    from kanban_server.store.maintenance.migrate import migrate

    driver = driver_for(Settings(database_url=database))
    migrate(driver)
    driver.release()
    return database


def postgres_missing() -> str | None:
    """Return why PostgreSQL is unavailable here, or None."""
    try:
        import psycopg
    except ImportError:
        return "psycopg is not installed (the extra 'postgres')"
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error as error:
        return f"no PostgreSQL server: {str(error).splitlines()[0]}"
    return None
