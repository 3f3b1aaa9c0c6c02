"""A PgBouncer of a test's own, before the PostgreSQL of all tests."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.support.servers import POSTGRES, free_port
from tests.support.services import answers, other_user
from tests.support.waiting import until

SESSIONS = 4
"""Sessions of PostgreSQL that all clients of a database share: fewer than one server's connections."""
_CONFIGURATION = """
[databases]
* = host={url.host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {sessions}
"""


class PgBouncer:
    """A PgBouncer that gives each transaction any of a few sessions."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._file = folder / "pgbouncer.ini"
        self._process: subprocess.Popen[bytes] | None = None
        url = make_url(POSTGRES)
        users = folder / "users.txt"
        users.write_text(f'"{url.username}" "{url.password or ""}"\n')
        configuration = _CONFIGURATION.format(
            url=url, port=url.port or 5432, own_port=self.port, users=users, sessions=SESSIONS
        )
        self._file.write_text(configuration)

    def address(self, database: str) -> str:
        """The URL of a database of the tests' PostgreSQL, through this PgBouncer."""
        url = make_url(database).set(host="127.0.0.1", port=self.port, password=None)
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        program = str(shutil.which("pgbouncer"))
        self._process = subprocess.Popen([program, "--quiet", str(self._file)], user=other_user(), cwd="/")
        until(lambda: answers(self.port), what="PgBouncer")

    def kill(self) -> None:
        """`kill -9`."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)


@contextmanager
def own_pgbouncer() -> Iterator[PgBouncer]:
    """Run a PgBouncer for the duration of the block; skips if none is installed."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("pgbouncer is not installed")
    with tempfile.TemporaryDirectory(prefix="kanban-pgbouncer-") as folder:
        if (owner := other_user()) is not None:
            shutil.chown(folder, owner)
        bouncer = PgBouncer(Path(folder))
        bouncer.start()
        try:
            yield bouncer
        finally:
            bouncer.kill()
