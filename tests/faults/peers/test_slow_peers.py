"""Peers that send requests slowly or hold connections: they are disconnected in time, and delay nobody else."""

from __future__ import annotations

import json
import re
import resource
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.peers import answer, dial, dialled, dripping, is_cut, post, request, seconds
from tests.support.people import Guarded, closing_code, first_admin, stream
from tests.support.servers import Server, running
from tests.support.waiting import until

HEALTH = request("GET", "/health")
CLOSE = "Connection: close"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def impatient(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server that waits for a second at most, and requires at least 2,000 bytes per second."""
    limits = {"KANBAN_HEAD_SECONDS": "0.5", "KANBAN_BODY_SECONDS": "1.5", "KANBAN_BODY_RATE": "2000"}
    with running(databases.make("sqlite", pytestconfig), **limits) as server:
        yield server


def test_a_slow_body_and_a_slow_head_are_cut(impatient: Server) -> None:
    with (
        dialled(impatient, 40, post("/api/session", 10_000)) as bodies,
        dialled(impatient, 10, b"GET /health HTTP/1.1\r\nX: ") as heads,
        dripping([*bodies, *heads]),
    ):
        elapsed = seconds(
            lambda: until(lambda: all(map(is_cut, [*bodies, *heads])), what="all slow connections to end")
        )
        assert elapsed < 6
        assert httpx.get(f"{impatient.url}/health").status_code == 200


def test_a_body_at_sufficient_speed_but_beyond_its_deadline_is_cut(impatient: Server) -> None:
    with dial(impatient, post("/api/boards", MIB)) as peer, dripping([peer], b" " * 1000):
        elapsed = seconds(lambda: until(lambda: is_cut(peer), what="the slow body to be cut"))
        assert 1 < elapsed < 8


def test_a_body_sent_in_parts_is_accepted(impatient: Server) -> None:
    body = json.dumps({"name": "in parts", "description": "x" * 20_000}).encode()
    with dial(
        impatient,
        request("POST", "/api/boards", "Content-Type: application/json", CLOSE, f"Content-Length: {len(body)}"),
    ) as peer:
        for at in range(0, len(body), 1000):
            peer.sendall(body[at : at + 1000])
        assert answer(peer).startswith(b"HTTP/1.1 201")


def test_an_oversized_body_is_read_for_a_limited_time_so_that_its_sender_gets_the_413(
    impatient: Server,
) -> None:
    for size in (2 * MIB, 20 * MIB):
        upload = urllib.request.Request(f"{impatient.url}/api/boards", b"x" * size)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(upload)
        assert refused.value.code == 413
        assert json.loads(refused.value.read())["limit"] == MIB
    endless = dial(impatient, post("/api/boards", 10**12, CLOSE))
    with suppress(OSError):
        for _ in range(200):
            endless.sendall(b"x" * MIB)
        pytest.fail("200 MiB were read that were refused")


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/api/session", 16_384),
        ("POST", "/api/join/", 16_384),
        ("PUT", "/api/me/avatar", 65_536),
        ("POST", "/api/boards", MIB),
    ],
)
def test_each_route_has_its_own_body_limit(impatient: Server, method: str, path: str, limit: int) -> None:
    content = b"x" * (MIB + 1 if "avatar" in path else limit + 1)
    declared = httpx.request(method, impatient.url + path, content=content)
    chunked = httpx.request(method, impatient.url + path, content=iter([content[:-1], content[-1:]]))
    assert problem(chunked, "body-too-large")["limit"] == limit
    assert problem(declared, "body-too-large")["limit"] == limit


def test_a_server_raises_its_limit_of_open_files_to_the_maximum(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    database = databases.make("sqlite", pytestconfig)
    low = len(list(Path("/proc/self/fd").iterdir())) + 100  # this process has to start the server
    resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard))
    try:
        with running(database) as server:
            limit = re.search(r"Max open files +(\d+)", Path(f"/proc/{server.pid}/limits").read_text())
            assert limit is not None
            assert int(limit[1]) == min(hard, 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_260_slow_connections_do_not_stop_a_server_with_256_file_descriptors(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    server = Server(databases.make("sqlite", pytestconfig))
    server.descriptors = 256
    server.start()
    try:
        with (
            dialled(server, 130, post("/api/session", 10_000)) as bodies,
            dialled(server, 130, b"GET /health HTTP/1.1\r\nX: ") as heads,
            dripping([*bodies, *heads]),
        ):
            times = [seconds(lambda: httpx.get(f"{server.url}/health").raise_for_status()) for _ in range(20)]
            print(f"260 drip: health answers after {max(times) * 1000:.0f} ms at most, of 20 times")
            assert max(times) < 2
            assert len(list(Path(f"/proc/{server.pid}/fd").iterdir())) < 256
            until(lambda: sum(map(is_cut, [*bodies, *heads])) > 50, what="the first connections to end")
        assert "Too many open files" not in server.log_text()
    finally:
        server.kill()


@pytest.fixture(scope="module")
def full(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Guarded]:
    """A server with users that takes 40 connections, and 30 per address; it trusts a proxy."""
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    more = {"KANBAN_TCP_CONNECTIONS": "40", "KANBAN_ADDRESS_CONNECTIONS": "36"}
    with running(database, **more, KANBAN_TOKEN_LIMIT="") as server:
        guarded = Guarded(server, root)
        guarded.person("ada")
        yield guarded


def get_alone(guarded: Guarded, path: str, token: str | None = None) -> httpx.Response:
    """Send a request on its own connection."""
    headers = {"Connection": "close"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.get(guarded.server.url + path, headers=headers)


def test_admins_and_health_checks_get_responses_while_all_connections_are_in_use(
    full: Guarded,
) -> None:
    bob = full.person("bob")
    busy = request("GET", "/api/boards/1/events", "Accept: text/event-stream", f"Authorization: Bearer {full.root}")
    full.clients.clear()
    with dialled(full.server, 35, busy) as streams:
        for one in streams:
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        for path, token, status in (
            ("/health", None, 200), ("/ready", None, 200), ("/api/boards", full.root, 200), ("/api/me", bob, 503),
            ("/login", None, 503),
        ):  # fmt: skip
            response = get_alone(full, path, token)
            assert response.status_code == status, (path, response.text)
        refused = get_alone(full, "/api/boards", bob)
        assert problem(refused, "too-many-connections")["limit"] == 40
        assert refused.headers["connection"] == "close"
        assert closing_code(stream(full, "?board_id=1", Authorization=f"Bearer {bob}")) == 1013
    until(lambda: get_alone(full, "/api/me", bob).status_code == 200, what="space for everybody")


def test_the_connections_of_one_address_are_limited(databases: Databases, pytestconfig: pytest.Config) -> None:
    with running(databases.make("sqlite", pytestconfig), KANBAN_ADDRESS_CONNECTIONS="4") as server:
        with dialled(server, 4, HEALTH):
            refused = httpx.get(f"{server.url}/api/boards", headers={"Connection": "close"})
            assert problem(refused, "too-many-connections")["limit"] == 4
            elsewhere = socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0))
            elsewhere.sendall(request("GET", "/api/boards", CLOSE))
            assert answer(elsewhere).startswith(b"HTTP/1.1 200")
            with dialled(server, 20) as more:
                until(lambda: sum(map(is_cut, more)) >= 12, what="the connections far beyond the limit to end")
        until(lambda: httpx.get(f"{server.url}/api/boards").status_code == 200, what="space for the address")


def test_behind_a_proxy_the_forwarded_address_counts(databases: Databases, pytestconfig: pytest.Config) -> None:
    limits = {"KANBAN_ADDRESS_CONNECTIONS": "2", "KANBAN_PROXIES": "127.0.0.1"}
    with running(databases.make("sqlite", pytestconfig), **limits) as server:
        mine, theirs = "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"
        sse = request("GET", "/api/boards/1/events", "Accept: text/event-stream", mine)
        with dialled(server, 2, sse) as streams:
            for one in streams:
                assert one.recv(100).startswith(b"HTTP/1.1 200")
            refused = answer(dial(server, request("GET", "/api/boards", mine, CLOSE)))
            assert refused.startswith(b"HTTP/1.1 503")
            assert b"too-many-connections" in refused
            assert answer(dial(server, request("GET", "/api/boards", theirs, CLOSE))).startswith(b"HTTP/1.1 200")
        until(
            lambda: answer(dial(server, request("GET", "/api/boards", mine, CLOSE))).startswith(b"HTTP/1.1 200"),
            what="space for the address",
        )
