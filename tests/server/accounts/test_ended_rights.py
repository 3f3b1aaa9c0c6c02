"""Rights that end, end at once: on every way of following a board, and on every instance."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kanban_server.rules import tokens
from tests.support.databases import Databases
from tests.support.mcp import agent
from tests.support.people import AT_ONCE, Guarded, closing_code, stream
from tests.support.servers import running
from tests.support.waiting import until


def _revoke(guarded: Guarded, name: str, board: int) -> None:
    created = guarded.done(guarded.root, "GET", f"/api/tokens?user={name}")
    guarded.done(guarded.root, "DELETE", f"/api/tokens/{created[0]['id']}")


def _remove(guarded: Guarded, name: str, board: int) -> None:
    guarded.done(guarded.root, "DELETE", f"/api/boards/{board}/members/{name}")


def _disable(guarded: Guarded, name: str, board: int) -> None:
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"disabled": True})


ENDS: dict[str, Callable[[Guarded, str, int], None]] = {"revoked": _revoke, "removed": _remove, "disabled": _disable}


def member(guarded: Guarded, name: str) -> tuple[str, int]:
    """A new person's token, and the new board of which they are a member."""
    secret, board = guarded.person(name), guarded.board(guarded.root)
    guarded.member(guarded.root, board, name)
    return secret, board


@pytest.mark.parametrize("how", ENDS)
def test_who_may_no_longer_see_a_board_loses_its_streams(guarded: Guarded, how: str) -> None:
    name = f"neo-{how}"
    secret, board = member(guarded, name)
    following = stream(guarded, f"?board_id={board}", Authorization=f"Bearer {secret}")
    assert json.loads(following.recv(timeout=10))["event"] == "connected"
    headers = {"Accept": "text/event-stream"}
    with guarded.rest(secret).stream("GET", f"/api/boards/{board}/events", headers=headers) as events:
        lines = events.iter_lines()
        assert next(lines) == ": connected"
        began = time.monotonic()
        ENDS[how](guarded, name, board)
        guarded.ticket(guarded.root, board, title="not for them")
        assert closing_code(following) == 4403
        assert "not for them" not in "".join(lines)
        assert time.monotonic() - began < AT_ONCE
    refused = guarded.ask(secret, "GET", f"/api/boards/{board}")
    assert refused.status_code == (404 if how == "removed" else 401)


@pytest.mark.parametrize("how", ENDS)
def test_an_agent_that_waits_is_told_at_once(guarded: Guarded, how: str) -> None:
    name = f"agent-of-{how}"
    secret, board = member(guarded, name)
    connections = guarded.done(None, "GET", "/health")["connections"]
    with (
        agent(f"{guarded.server.url}/mcp?board={board}", headers={"Authorization": f"Bearer {secret}"}) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        waiting = pool.submit(lambda: client.refused("removed", "wait_events", seconds=30))
        until(lambda: guarded.done(None, "GET", "/health")["connections"] > connections, what="one who waits")
        began = time.monotonic()
        ENDS[how](guarded, name, board)
        waiting.result(timeout=20)
        assert time.monotonic() - began < AT_ONCE


@pytest.mark.parametrize("how", ENDS)
def test_a_subscription_of_an_agent_ends_at_once(guarded: Guarded, how: str) -> None:
    name = f"subscriber-of-{how}"
    secret, board = member(guarded, name)
    uri = f"kanban://board/{board}"
    with (
        agent(f"{guarded.server.url}/mcp", headers={"Authorization": f"Bearer {secret}"}) as client,
        client.subscribed(uri) as events,
    ):
        ENDS[how](guarded, name, board)
        assert events.next() is None


def test_a_reader_that_has_stopped_reading_holds_up_nobodys_end(guarded: Guarded) -> None:
    board = guarded.board(guarded.root)
    secrets = {name: guarded.person(name) for name in ("stalled", "lively")}
    for name in secrets:
        guarded.member(guarded.root, board, name)
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", guarded.server.port))
    head = f"GET /ws/connect?board_id={board}&after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    head += "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    with small:
        small.sendall(f"{head}Authorization: Bearer {secrets['stalled']}\r\n\r\n".encode())
        assert small.recv(12) == b"HTTP/1.1 101"
        for number in range(100):  # more than the two ends of the connection take
            guarded.ticket(guarded.root, board, title=f"{number}", description="x" * 65_000)
        lively = stream(guarded, f"?board_id={board}", Authorization=f"Bearer {secrets['lively']}")
        assert json.loads(lively.recv(timeout=10))["event"] == "connected"
        began = time.monotonic()
        for name in secrets:
            _revoke(guarded, name, board)
        assert closing_code(lively) == 4403
        assert time.monotonic() - began < AT_ONCE


def test_a_stream_of_all_boards_follows_what_its_user_may_see(guarded: Guarded) -> None:
    name, secret = "olav", guarded.person("olav")
    board = guarded.board(guarded.root)
    following = stream(guarded, Authorization=f"Bearer {secret}")
    messages: list[dict[str, Any]] = []

    def receives(event: str, board_id: int) -> bool:
        messages.append(json.loads(following.recv(timeout=AT_ONCE)))
        return (messages[-1]["event"], messages[-1].get("board_id")) == (event, board_id)

    guarded.ticket(guarded.root, board, title="before")
    own = guarded.board(secret)
    until(lambda: receives("board_created", own))
    guarded.member(guarded.root, board, name)
    guarded.ticket(guarded.root, board, title="for members")
    until(lambda: receives("ticket_created", board))
    guarded.done(guarded.root, "DELETE", f"/api/boards/{board}/members/{name}")
    guarded.ticket(guarded.root, board, title="after")
    until(lambda: receives("unsubscribed", board))
    guarded.ticket(secret, own, title="the end")
    until(lambda: receives("ticket_created", own))
    text = json.dumps(messages)
    assert "for members" in text
    assert "after" not in text
    following.close()


def test_a_token_ends_when_its_time_has_come(guarded: Guarded) -> None:
    secret = guarded.token(guarded.person("pam"), days=1)
    assert guarded.ask(secret, "GET", "/api/me").status_code == 200
    with sqlite3.connect(guarded.server.database) as file:  # time passes: a day can't be waited for
        file.execute(
            "UPDATE tokens SET expires_at = '2020-01-01T00:00:00.000000Z' WHERE hash = ?", [tokens.hash_secret(secret)]
        )
        file.execute("UPDATE roster SET version = version + 1")
    until(lambda: guarded.ask(secret, "GET", "/api/me").status_code == 401, within=AT_ONCE)


@pytest.mark.slow
@pytest.mark.postgres
def test_what_ends_on_one_instance_ends_on_the_others(databases: Databases, request: pytest.FixtureRequest) -> None:
    guarded = databases.guarded("postgresql", request.config)
    with running(guarded.server.database) as second:
        other = Guarded(second, guarded.root)
        secret = guarded.person("rob")
        board = guarded.board(secret)
        assert other.ask(secret, "GET", f"/api/boards/{board}").status_code == 200
        following = stream(other, f"?board_id={board}", Authorization=f"Bearer {secret}")
        assert json.loads(following.recv(timeout=10))["event"] == "connected"
        began = time.monotonic()
        _revoke(guarded, "rob", board)
        assert closing_code(following) == 4403
        until(lambda: other.ask(secret, "GET", "/api/me").status_code == 401, within=AT_ONCE)
        assert time.monotonic() - began < AT_ONCE
