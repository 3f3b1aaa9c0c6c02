"""The SDK meets the same server whatever the database: SQLite is enough here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kanban_sdk import Kanban
from tests.sdk.awaited import awaited
from tests.support.databases import Databases
from tests.support.proxy import Proxy, proxied
from tests.support.servers import Server, running

Connect = Callable[..., Kanban]
"""Makes Ada's client of the server at an address, with options."""


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A server that all tests here share: use a board of your own, and do not stop it."""
    return databases.stack.enter_context(running(databases.make("sqlite", request.config)))


@pytest.fixture
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database of one's own."""
    return databases.make("sqlite", request.config)


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy of one's own before the shared server."""
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
    """Either client, of the shared server."""
    return connect(server.url)
