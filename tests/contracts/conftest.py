"""A server whose descriptions the tests read. They do not depend on the database, so it is SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.contracts.logs import Json
from tests.server.rest import done
from tests.support.databases import Databases
from tests.support.servers import Server, running


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A server that all tests of contracts share: use your own board, and do not stop it."""
    return databases.stack.enter_context(running(databases.make("sqlite", request.config)))


@pytest.fixture
def database(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database."""
    return databases.make("sqlite", request.config)


@pytest.fixture(scope="session")
def rest(server: Server) -> Iterator[httpx.Client]:
    """The shared server over bare HTTP, as Ada."""
    with httpx.Client(base_url=server.url, timeout=30, headers={"X-Kanban-User": "ada"}) as client:
        yield client


@pytest.fixture(scope="session")
def event_schema(rest: httpx.Client) -> Json:
    """The schema of events, as the server sends it."""
    schema: Json = done(rest.get("/events.schema.json"))
    return schema


@pytest.fixture(scope="session")
def asyncapi(rest: httpx.Client) -> Json:
    """The description of the streams, as the server sends it."""
    schema: Json = done(rest.get("/asyncapi.json"))
    return schema
