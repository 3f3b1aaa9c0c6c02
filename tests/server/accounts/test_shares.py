"""One token can't take all streams, and admins find room where others have taken what they may."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.peers import dial, dialled, request
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


def open_stream(guarded: Guarded, token: str, board: int) -> ClientConnection:
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
            stack.enter_context(open_stream(few, ada, board))
        assert refused(few, ada, board) == 6
        for token in (few.agent(ada, "ada-1"), bob):
            for _ in range(6):
                stack.enter_context(open_stream(few, token, board))
        assert refused(few, few.token(bob), board) == 18
        for _ in range(2):
            stack.enter_context(open_stream(few, few.root, board))
        assert refused(few, few.root, board) == 20
    until(lambda: few.done(None, "GET", "/health")["connections"] == 0, what="the end of all streams")
    open_stream(few, ada, board).close()


def events_of(guarded: Guarded, board: int, *headers: str) -> bytes:
    return request("GET", f"/api/boards/{board}/events", "Accept: text/event-stream", *headers)


def test_streams_that_are_asked_for_at_the_same_moment_get_no_more_than_the_share(few: Guarded) -> None:
    ada = few.person("ada-burst")
    board = few.board(ada)
    with dialled(few.server, 30) as peers:
        for peer in peers:
            peer.sendall(events_of(few, board, f"Authorization: Bearer {ada}"))
        assert Counter(peer.recv(12)[-3:] for peer in peers) == {b"200": 6, b"503": 24}
    until(lambda: few.done(None, "GET", "/health")["connections"] == 0, what="the end of all streams")


def test_sessions_count_with_the_token_that_they_began_with(few: Guarded) -> None:
    ada = few.person("ada-sessions")
    board = few.board(ada)
    with ExitStack() as stack:
        cookies = []
        for _ in range(3):
            response = httpx.post(f"{few.server.url}/api/session", json={"token": ada}).raise_for_status()
            cookies.append(f"Cookie: kanban_session={response.cookies['kanban_session']}")
        for cookie in (*cookies, *cookies):
            peer = stack.enter_context(dial(few.server, events_of(few, board, cookie)))
            assert peer.recv(12) == b"HTTP/1.1 200"
        last = stack.enter_context(dial(few.server, events_of(few, board, cookies[0])))
        assert last.recv(12) == b"HTTP/1.1 503"
        assert refused(few, ada, board) == 6
    until(lambda: few.done(None, "GET", "/health")["connections"] == 0, what="the end of all streams")


def test_a_server_without_users_knows_no_share_and_no_reserve(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    settings = {"KANBAN_CONNECTIONS": "20", "KANBAN_TOKEN_CONNECTIONS": "1"}
    with running(databases.make("sqlite", pytestconfig), **settings) as server, ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(open_stream(Guarded(server, ""), "kbn_whatever", 1))
        assert refused(Guarded(server, ""), "kbn_whatever", 1) == 20
