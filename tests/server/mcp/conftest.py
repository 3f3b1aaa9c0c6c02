"""Two agents at a board of their own, each of another version of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kanban_sdk import Board, Kanban
from tests.support.databases import Databases
from tests.support.mcp import HANDSHAKE, Agent, address, agent
from tests.support.servers import Server


@pytest.fixture(scope="session")
def server(databases: Databases, pytestconfig: pytest.Config) -> Server:
    """The shared server over SQLite: the protocol knows nothing of databases."""
    return databases.server("sqlite", pytestconfig)


@pytest.fixture
def ada(server: Server, kanban: Kanban, board: Board) -> Iterator[Agent]:
    """Ada's agent, at a board of her own and with an empty inbox."""
    kanban.inbox.read()
    with agent(address(server, board), "ada") as client:
        yield client


@pytest.fixture
def bob(server: Server, board: Board) -> Iterator[Agent]:
    """Bob's agent, at the same board, of an older protocol."""
    with agent(address(server, board), "bob", mode=HANDSHAKE) as client:
        yield client
