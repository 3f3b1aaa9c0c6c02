"""Fixtures for pytest, to test a program against a real server with a board of its own.

Import those that you need into your `conftest.py`. Nothing loads them by itself, and pytest is not among the
requirements of this package.

>>> from kanban_sdk import Board, Kanban, Worker
>>> from kanban_sdk.testing import kanban, kanban_board, kanban_server  # noqa: F401
>>> def test_my_agent_finishes_its_ticket(kanban: Kanban, kanban_board: Board) -> None:
...     ticket = kanban.tickets.create("One", board=kanban_board.id)
...     Worker(kanban, kanban_board.id, lambda ticket: ticket.done("It is one.")).run(until_empty=True)
...     assert kanban.tickets.get(ticket.id).current_column == "Done"
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

try:
    import pytest
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("kanban_sdk.testing needs pytest: python -m pip install pytest", name="pytest") from error

from kanban_sdk.client import AsyncKanban, Kanban
from kanban_sdk.wire.boards import Board

READY = "Kanban is at "
"""How the server's first line begins."""
STOP_SECONDS = 20.0


class KanbanServer:
    """A server process on a database file and a free port of this machine. Use it as a context manager.

    It takes no setting from KANBAN variables of the environment; `settings` are its variables. It can be stopped or
    killed, and started again on the same port and file.

    >>> with KanbanServer(tmp_path / "kanban.db") as server:
    ...     with server.client("ada") as kanban:
    ...         kanban.boards.create("Website")
    ...         server.restart()
    ...         assert kanban.boards.find("Website")
    """

    def __init__(self, database: Path, **settings: str) -> None:
        self.database = database
        self.port = 0
        """The port; 0 before the first start."""
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._log = tempfile.TemporaryFile("w+", prefix="kanban-server-")  # noqa: SIM115 - it is closed in __exit__

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.kill()
        self._log.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it answers. Raises RuntimeError with its log if it does not start."""
        command = [sys.executable, "-m", "kanban_server", "--port", str(self.port), "--database", str(self.database)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KANBAN_")}
        environment = {**inherited, "PYTHONUNBUFFERED": "1", **self._settings}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(READY):
            self.kill()
            raise RuntimeError(f"The server did not start: {line}{self.log()}")
        self.port = int(line.rsplit(":", 1)[1])

    def stop(self) -> None:
        """Stop the server as an operator does, and wait until it has ended."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server at once."""
        self._end(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    def restart(self) -> None:
        """Stop the server, and start it again."""
        self.stop()
        self.start()

    def log(self) -> str:
        """What the server has written to stderr."""
        self._log.seek(0)
        return self._log.read()

    def client(self, user: str | None = None) -> Kanban:
        """A blocking client."""
        return Kanban(self.url, user)

    def async_client(self, user: str | None = None) -> AsyncKanban:
        """A client for asyncio."""
        return AsyncKanban(self.url, user)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        self._process.wait(STOP_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None


@pytest.fixture(scope="session")
def kanban_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KanbanServer]:
    """A server that all tests of the session share: use your own board, and do not stop it.

    >>> def test_the_server_answers(kanban_server: KanbanServer) -> None:
    ...     assert kanban_server.client("ada").health()["status"] == "healthy"
    """
    with KanbanServer(tmp_path_factory.mktemp("kanban") / "kanban.db") as server:
        yield server


@pytest.fixture
def own_kanban_server(tmp_path: Path) -> Iterator[KanbanServer]:
    """A server of the test's own, to stop, kill and start again.

    >>> def test_my_agent_outlives_a_restart(own_kanban_server: KanbanServer) -> None:
    ...     own_kanban_server.restart()
    """
    with KanbanServer(tmp_path / "kanban.db") as server:
        yield server


@pytest.fixture
def kanban(kanban_server: KanbanServer) -> Iterator[Kanban]:
    """A client of the shared server, whose user is `tester`.

    >>> def test_a_board_is_made(kanban: Kanban) -> None:
    ...     assert kanban.boards.create("Website").name == "Website"
    """
    with kanban_server.client("tester") as client:
        yield client


@pytest.fixture
def kanban_board(kanban: Kanban, request: pytest.FixtureRequest) -> Board:
    """A new board on the shared server with the usual columns, named after the test.

    >>> def test_a_new_board_is_empty(kanban: Kanban, kanban_board: Board) -> None:
    ...     assert list(kanban.tickets.list(kanban_board.id)) == []
    """
    return kanban.boards.create(f"{request.node.name[:80]} {uuid.uuid4().hex[:12]}")
