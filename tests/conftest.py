"""What all tests share: real servers over each database, and boards of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kanban_sdk import Board, Kanban
from tests.support.servers import Server, postgres_database, postgres_missing, running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="fail where PostgreSQL is missing, instead of skipping")
    parser.addoption("--slow", action="store_true", help="run the slow tests, and only these")


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
    """Makes empty databases that last as long as the tests do."""

    def __init__(self, folders: pytest.TempPathFactory, stack: ExitStack) -> None:
        self._folders = folders
        self.stack = stack
        self._missing: str | None = None
        self._asked = False

    def make(self, kind: str, config: pytest.Config) -> str:
        """The address of a new, empty database; skips where there can be none."""
        if kind == "sqlite":
            return str(self._folders.mktemp("sqlite") / "kanban.db")
        if not self._asked:
            self._missing, self._asked = postgres_missing(), True
        if self._missing and config.getoption("--postgres"):
            pytest.fail(f"PostgreSQL is required, and missing: {self._missing}")
        if self._missing:
            pytest.skip(f"PostgreSQL: {self._missing}")
        return self.stack.enter_context(postgres_database())


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A server that all tests share: use a board of your own, and do not stop it."""
    return databases.stack.enter_context(running(databases.make(request.param, request.config)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database of one's own."""
    return databases.make(request.param, request.config)


@pytest.fixture
def own_server(database: str) -> Iterator[Server]:
    """A server of one's own, to stop, kill and start again."""
    with running(database) as server:
        yield server


@pytest.fixture
def kanban(server: Server) -> Iterator[Kanban]:
    """Ada's client of the shared server."""
    with server.kanban("ada") as client:
        yield client


@pytest.fixture
def board(kanban: Kanban, request: pytest.FixtureRequest) -> Board:
    """A board of one's own on the shared server, with the usual columns."""
    return kanban.boards.create(request.node.name[:100])
