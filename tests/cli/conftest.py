"""A shell connected to a server over SQLite; the command line does not depend on the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell
from tests.support.databases import Databases
from tests.support.servers import Server, running


@pytest.fixture(scope="session")
def sqlite(databases: Databases, pytestconfig: pytest.Config) -> Server:
    """A server that all tests of the command line share: use a new board, and do not stop it."""
    return databases.stack.enter_context(running(databases.make("sqlite", pytestconfig)))


@pytest.fixture
def own_sqlite(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server for one test, to kill and restart."""
    with running(databases.make("sqlite", pytestconfig)) as server:
        yield server


@pytest.fixture
def sdk(sqlite: Server) -> Iterator[Kanban]:
    """Ada's client, to set up a test quickly."""
    with sqlite.kanban("ada") as kanban:
        yield kanban


@pytest.fixture
def own(sdk: Kanban, request: pytest.FixtureRequest) -> Board:
    """A new board with the default columns."""
    return sdk.boards.create(request.node.name[:100])


@pytest.fixture
def kanban(sqlite: Server, own: Board, tmp_path: Path) -> Shell:
    """Ada's shell, with a new board selected."""
    settings = {"KANBAN_URL": sqlite.url, "KANBAN_BOARD": str(own.id), "KANBAN_USER": "ada"}
    return Shell(tmp_path, settings)
