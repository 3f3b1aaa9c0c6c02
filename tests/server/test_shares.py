"""One token can't take all streams, and admins find room where others have taken what they may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.people import Guarded, closing_code, first_admin, stream
from tests.support.servers import running
from tests.support.waiting import until

SSE = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def few(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Guarded]:
    """A server with users that has 20 streams, two of them for admins, and at most 6 for one token."""
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    more = {"KANBAN_CONNECTIONS": "20", "KANBAN_TOKEN_CONNECTIONS": "6", "KANBAN_TOKEN_LIMIT": ""}
    with running(database, **more) as server:
        yield Guarded(server, root)


def opened(guarded: Guarded, token: str, board: int) -> ClientConnection:
    socket = stream(guarded, f"?board_id={board}", Authorization=f"Bearer {token}")
    assert json.loads(socket.recv())["event"] == "connected"
    return socket


def refused(guarded: Guarded, token: str, board: int) -> int:
    """The limit that a stream of either kind is refused with."""
    socket = stream(guarded, f"?board_id={board}", Authorization=f"Bearer {token}")
    limit = json.loads(socket.recv())["data"]["problem"]["limit"]
    assert closing_code(socket) == 1013
    headers = {**SSE, "Authorization": f"Bearer {token}"}
    body = problem(
        httpx.get(f"{guarded.server.url}/api/boards/{board}/events", headers=headers), "too-many-connections"
    )
    assert body["limit"] == limit
    assert body["retry_after"] == 1
    return int(limit)


def test_a_token_has_its_share_and_admins_have_a_reserve(few: Guarded) -> None:
    ada, bob = few.person("ada"), few.person("bob")
    board = few.board(ada)
    few.member(ada, board, "bob")
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(opened(few, ada, board))
        assert refused(few, ada, board) == 6
        for token in (few.agent(ada, "ada-1"), bob):
            for _ in range(6):
                stack.enter_context(opened(few, token, board))
        assert refused(few, few.token(bob), board) == 18
        for _ in range(2):
            stack.enter_context(opened(few, few.root, board))
        assert refused(few, few.root, board) == 20
    until(lambda: few.done(None, "GET", "/health")["connections"] == 0, what="the end of all streams")
    opened(few, ada, board).close()


def test_a_server_without_users_knows_no_share_and_no_reserve(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    settings = {"KANBAN_CONNECTIONS": "20", "KANBAN_TOKEN_CONNECTIONS": "1"}
    with running(databases.make("sqlite", pytestconfig), **settings) as server, ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(opened(Guarded(server, ""), "kbn_whatever", 1))
        assert refused(Guarded(server, ""), "kbn_whatever", 1) == 20
