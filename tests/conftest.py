"""What all tests share: real servers over each database, and boards of one's own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from tests.support.actors import ACTORS, actor, actor_database, viewer, writer
from tests.support.databases import Databases
from tests.support.people import Guarded
from tests.support.servers import Server, running

__all__ = ["actor", "actor_database", "viewer", "writer"]


TESTS = Path(__file__).parent
SLOW_ON_POSTGRESQL = {
    "faults": {"any_history", "repair", "kill", "claims", "backup", "moving_users", "transfer", "trimming"},
    "server": {
        "access", "any_text", "attribution", "compression", "hostile_bodies", "hostile_routes", "hostile_texts",
        "narrowed_tokens", "open_mode", "openapi", "operations", "presence", "problems", "unknown_fields",
    },
}  # fmt: skip
"""Modules by folder whose tests take long, or are about requests and not about what is stored: slow over PostgreSQL."""

ACTOR_ON_POSTGRESQL = "member"
"""The kind of actor for which tests of all kinds run over PostgreSQL too; for the other kinds they are slow there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="fail where PostgreSQL is missing, instead of skipping")
    parser.addoption("--browser", action="store_true", help="fail where Chromium is missing, instead of skipping")
    parser.addoption("--agents", action="store_true", help="fail where libraries of agents are missing, not skip")
    parser.addoption("--slow", action="store_true", help="run the slow tests, and only these")


def pytest_configure() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs in its background ignore Ctrl-C


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = config.getoption("--slow")
    selected: list[pytest.Item] = []
    deselected: list[pytest.Item] = []
    for item in items:
        is_slow = "slow" in item.keywords or _is_slow_on_postgresql(item)
        (selected if is_slow == slow else deselected).append(item)
    config.hook.pytest_deselected(items=deselected)
    items[:] = selected


def _is_slow_on_postgresql(item: pytest.Item) -> bool:
    if not ("postgres" in item.keywords or "postgresql" in item.name):
        return False
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    kinds = {kind for name in ("actor", "writer", "kind") if (kind := parameters.get(name)) in ACTORS}
    folder, module = item.path.relative_to(TESTS).parts[0], item.path.stem.removeprefix("test_")
    return module in SLOW_ON_POSTGRESQL.get(folder, ()) or bool(kinds - {ACTOR_ON_POSTGRESQL})


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where databases come from."""
    with ExitStack() as stack:
        yield Databases(tmp_path_factory, stack)


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
