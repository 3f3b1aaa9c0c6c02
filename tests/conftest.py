"""What all tests share: real servers over each database, and boards of one's own."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kanban_sdk import Board, Kanban
from tests.support.people import Guarded, first_admin
from tests.support.servers import Server, migrated, postgres_database, postgres_missing, running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="fail where PostgreSQL is missing, instead of skipping")
    parser.addoption("--browser", action="store_true", help="fail where Chromium is missing, instead of skipping")
    parser.addoption("--slow", action="store_true", help="run the slow tests, and only these")


def pytest_configure() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs in its background ignore Ctrl-C


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = config.getoption("--slow")
    wanted = [item for item in items if ("slow" in item.keywords) == slow]
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = wanted


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where databases come from."""
    with ExitStack() as stack:
        yield Databases(tmp_path_factory, stack)


class Databases:
    """Makes databases that last as long as the tests do: copies of one that the real migrations made."""

    def __init__(self, folders: pytest.TempPathFactory, stack: ExitStack) -> None:
        self._folders = folders
        self._templates: dict[str, str] = {}
        self._servers: dict[str, Server] = {}
        self._guarded: dict[str, Guarded] = {}
        self.stack = stack

    def make(self, kind: str, config: pytest.Config) -> str:
        """The address of a new database without boards; skips where there can be none."""
        if kind == "sqlite":
            template = self._templates.get(kind) or self._templates.setdefault(kind, migrated(self._file()))
            return shutil.copy(template, self._file())
        if kind not in self._templates:
            missing = postgres_missing()
            if missing and config.getoption("--postgres"):
                pytest.fail(f"PostgreSQL is required, and missing: {missing}")
            if missing:
                pytest.skip(f"PostgreSQL: {missing}")
            self._templates[kind] = migrated(self.stack.enter_context(postgres_database()))
        return self.stack.enter_context(postgres_database(self._templates[kind]))

    def server(self, kind: str, config: pytest.Config) -> Server:
        """The one server of its kind, which lasts as long as the tests do."""
        if kind not in self._servers:
            self._servers[kind] = self.stack.enter_context(running(self.make(kind, config)))
        return self._servers[kind]

    def guarded(self, kind: str, config: pytest.Config) -> Guarded:
        """The one server with users of its kind, which lasts as long as the tests do; strangers could reach it."""
        if kind not in self._guarded:
            database = self.make(kind, config)
            root = first_admin(database)
            settings = dict.fromkeys(("KANBAN_TOKEN_LIMIT", "KANBAN_LOGIN_LIMIT"), "100000/minute")
            server = self.stack.enter_context(running(database, KANBAN_HOST="0.0.0.0", **settings))
            self._guarded[kind] = Guarded(server, root)
        return self._guarded[kind]

    def _file(self) -> str:
        return str(self._folders.mktemp("sqlite") / "kanban.db")


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A server that all tests share: use a board of your own, and do not stop it."""
    return databases.server(request.param, request.config)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database of one's own."""
    return databases.make(request.param, request.config)


@pytest.fixture
def own_server(database: str) -> Iterator[Server]:
    """A server of one's own, to stop, kill and start again."""
    with running(database) as server:
        yield server


@pytest.fixture(scope="session")
def guarded(request: pytest.FixtureRequest, databases: Databases) -> Guarded:
    """A server with users that all tests share: make users and boards of your own."""
    return databases.guarded("sqlite", request.config)


@pytest.fixture
def kanban(server: Server) -> Iterator[Kanban]:
    """Ada's client of the shared server."""
    with server.kanban("ada") as client:
        yield client


@pytest.fixture
def board(kanban: Kanban, request: pytest.FixtureRequest) -> Board:
    """A board of one's own on the shared server, with the usual columns."""
    return kanban.boards.create(request.node.name[:100])
