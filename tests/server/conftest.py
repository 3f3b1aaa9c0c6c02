"""A bare HTTP client, and boards of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.server.rest import new_board
from tests.support.databases import Databases
from tests.support.servers import Server, running


@pytest.fixture(scope="session")
def rest(server: Server) -> Iterator[httpx.Client]:
    """The shared server over bare HTTP; nobody is named."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def board_id(rest: httpx.Client, request: pytest.FixtureRequest) -> int:
    """A board of one's own, with the usual columns."""
    return int(new_board(rest, request.node.name[:100])["id"])


@pytest.fixture(scope="session")
def log_server(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server over SQLite that writes everything down; its tables may be tampered with, and put right again."""
    talkative = {"KANBAN_LOG_LEVEL": "debug", "KANBAN_LOG_FORMAT": "json", "KANBAN_ACCESS_LOG": "1"}
    with running(databases.make("sqlite", pytestconfig), **talkative) as server:
        yield server
