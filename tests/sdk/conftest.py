"""Fixtures of the SDK's tests. The SDK does not depend on the database, so they use SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kanban_sdk import Board, Kanban
from tests.sdk.async_client import awaited
from tests.support.databases import Databases
from tests.support.proxy import Proxy, proxied
from tests.support.servers import Server, running

Connect = Callable[..., Kanban]
"""Creates a client of the server at an address, by default Ada's."""


def add(kanban: Kanban, board: Board, *titles: str) -> list[int]:
    """Create tickets with these titles; return their ids."""
    return [kanban.tickets.create(title, board=board.id).id for title in titles]


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A server that all tests of the SDK share: use your own board, and do not stop it."""
    return databases.stack.enter_context(running(databases.make("sqlite", request.config)))


@pytest.fixture
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database."""
    return databases.make("sqlite", request.config)


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy in front of the shared server."""
    with proxied(server.port) as proxy:
        yield proxy


@pytest.fixture(params=["Kanban", "AsyncKanban"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Either client."""
    with ExitStack() as stack:
        make = Kanban if request.param == "Kanban" else awaited
        yield lambda url, user="ada", **options: stack.enter_context(make(url, user, **options))


@pytest.fixture
def client(connect: Connect, server: Server) -> Kanban:
    """Either client, connected to the shared server."""
    return connect(server.url)
