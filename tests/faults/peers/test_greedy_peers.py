"""Peers that read nothing: they are disconnected in time, cost little memory and delay nobody."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from kanban_sdk import Kanban
from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.peers import answer, dial, dialled, request, seconds
from tests.support.people import Guarded, first_admin
from tests.support.resident import resident
from tests.support.servers import Server, running
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MIB = 1024 * 1024
TEXT = "x" * 60_000
SSE = "Accept: text/event-stream"
UPGRADE = request(
    "GET", "/ws/connect?board_id=1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip
TEXT_FRAME, CONTINUED, PING, LAST, MASKED = 0x01, 0x00, 0x09, 0x80, 0x80


@pytest.fixture
def server(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server that disconnects a client that reads nothing of a response for two seconds.

    A shorter time would also cut a client that reads steadily on a busy machine.
    """
    limits = {"KANBAN_STALL_SECONDS": "2", "KANBAN_HEAD_SECONDS": "0.5", "KANBAN_NAME_LIMIT": ""}
    with running(databases.make("sqlite", pytestconfig), **limits, KANBAN_ANSWER_BYTES=str(16 * MIB)) as server:
        yield server


def fill(kanban: Kanban, board: int, mib: float) -> None:
    """Fill a board until its list is `mib` MiB long."""
    remaining = int(mib * MIB / len(TEXT))
    while remaining:
        numbers = range(remaining, max(0, remaining - 15), -1)
        tickets = [{"source_id": f"s{number}", "title": "t", "description": TEXT} for number in numbers]
        httpx.post(f"{kanban.url}/api/boards/{board}/import", json={"tickets": tickets}).raise_for_status()
        remaining -= len(tickets)


def test_a_peer_that_reads_nothing_of_a_response_is_cut_and_a_slow_one_is_not(server: Server) -> None:
    with server.kanban("ada") as kanban:
        fill(kanban, 1, 8)
    message = request("GET", "/api/boards/1/tickets", "Connection: close")
    with dial(server, message, buffer=4096) as slow, dialled(server, 5, message, buffer=4096) as stalled:
        received = len(slow.recv(MIB))
        held = sockets(server)
        while part := slow.recv(4096):
            received += len(part)
        assert received > 8 * MIB
        until(lambda: sockets(server) <= held - 5, what="the stalled connections to end")
        for peer in stalled:
            with suppress(ConnectionResetError):
                assert len(answer(peer)) < 8 * MIB


def sockets(server: Server) -> int:
    """Return the number of sockets that a server has open."""
    return sum(one.is_socket() for one in Path(f"/proc/{server.pid}/fd").iterdir())


def longest_write(kanban: Kanban, ticket: int, over: threading.Event) -> float:
    """Move a ticket repeatedly until `over` is set; return the longest time of a move."""
    longest = 0.0
    for column in cycle(["Done", "Blocked"]):
        longest = max(longest, seconds(partial(kanban.tickets.move, ticket, column)))
        if over.is_set():
            break
    return longest


@pytest.mark.parametrize(("lists", "mib"), [(15, 6), pytest.param(60, 12, marks=pytest.mark.slow)])
def test_unread_lists_cost_the_memory_of_one_and_delay_no_write(
    databases: Databases, pytestconfig: pytest.Config, lists: int, mib: int
) -> None:
    with running(databases.make("sqlite", pytestconfig)) as server, server.kanban("ada") as kanban:
        fill(kanban, 1, mib)
        elsewhere = kanban.boards.create("Elsewhere").id
        ticket = kanban.tickets.create("moved", board=elsewhere).id
        message = request("GET", "/api/boards/1/tickets")
        assert len(answer(dial(server, request("GET", "/api/boards/1/tickets", "Connection: close")))) > mib * MIB
        before, times = resident(server.pid), list[float]()
        over = threading.Event()
        mover = threading.Thread(target=lambda: times.append(longest_write(kanban, ticket, over)))
        mover.start()
        try:
            with dialled(server, lists, message, buffer=4096) as peers:
                for peer in peers:
                    assert peer.recv(100).startswith(b"HTTP/1.1 200")
                grown = (resident(server.pid) - before) / MIB
        finally:
            over.set()
            mover.join()
        print(f"{lists} unread lists of {mib} MiB: {grown:.0f} MiB more, the longest write {times[0] * 1000:.0f} ms")
        assert grown < 3 * mib + lists * 0.6
        assert times[0] < 2


def test_large_answers_that_are_all_different_are_bounded_together(server: Server) -> None:
    with server.kanban("ada") as kanban:
        fill(kanban, 1, 7)
    unread = [request("GET", f"/api/tickets?board_id=1&page_size={500 - number}") for number in range(4)]
    peers = [dial(server, message, buffer=4096) for message in unread[:2]]
    for peer in peers:
        assert peer.recv(100).startswith(b"HTTP/1.1 200")
    refused = httpx.get(f"{server.url}/api/tickets?board_id=1&page_size=400")
    assert problem(refused, "too-many-requests")["retry_after"] == 1
    assert httpx.get(f"{server.url}/api/tickets?board_id=1&page_size=2").status_code == 200, "a small response"
    url = f"{server.url}/api/tickets?board_id=1&page_size=400"
    until(lambda: httpx.get(url).status_code == 200, what="space, after stalled connections are cut")
    for peer in peers:
        peer.close()


def test_one_person_leaves_room_for_the_large_answers_of_others(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    limits = {"KANBAN_ANSWER_BYTES": str(16 * MIB), "KANBAN_TOKEN_LIMIT": ""}
    with running(database, **limits) as server:
        guarded = Guarded(server, root)
        ada, bob = guarded.person("ada"), guarded.person("bob")
        board = guarded.board(ada)
        guarded.member(ada, board, "bob", "viewer")
        for number in range(7):
            tickets = [{"source_id": f"{number}.{one}", "title": "t", "description": TEXT} for one in range(15)]
            guarded.done(ada, "POST", f"/api/boards/{board}/import", {"tickets": tickets})
        lists = [f"/api/tickets?board_id={board}&page_size={500 - number}" for number in range(3)]
        with dial(server, request("GET", lists[0], f"Authorization: Bearer {ada}"), buffer=4096) as unread:
            assert unread.recv(100).startswith(b"HTTP/1.1 200")
            for token in (ada, guarded.token(ada), guarded.agent(ada, "ada-1")):
                assert problem(guarded.ask(token, "GET", lists[1]), "too-many-requests")["retry_after"] == 1
            assert guarded.ask(bob, "GET", lists[2]).status_code == 200
        until(lambda: guarded.ask(ada, "GET", lists[1]).status_code == 200, what="space for the person")


def test_readers_of_server_sent_events_that_stall_cost_little_memory_and_are_cut(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    with running(databases.make("sqlite", pytestconfig), KANBAN_STALL_SECONDS="2") as server:
        with server.kanban("ada") as kanban:
            fill(kanban, 1, 6)
        message = request("GET", "/api/boards/1/events?after=0", SSE)
        assert dial(server, message).recv(100).startswith(b"HTTP/1.1 200")
        before = resident(server.pid)
        with dialled(server, 30, message, buffer=4096) as peers:
            for peer in peers:
                assert peer.recv(100).startswith(b"HTTP/1.1 200")
            httpx.post(f"{server.url}/api/tickets", json={"title": "t", "board_id": 1}).raise_for_status()
            grown = (resident(server.pid) - before) / MIB
            print(f"30 stalled readers of server-sent events: {grown:.0f} MiB more")
            assert grown < 50
            gone = lambda: httpx.get(f"{server.url}/health").json()["connections"] == 0  # noqa: E731
            until(gone, what="the stalled connections to end")


def frame(opcode: int, payload: bytes) -> bytes:
    """Build a client's frame, with a mask that changes nothing."""
    return struct.pack("!BBI", opcode, MASKED | len(payload), 0) + payload


def upgraded(server: Server, buffer: int | None = None) -> socket.socket:
    peer = dial(server, UPGRADE, buffer=buffer)
    received = b""
    while b"connected" not in received:
        received += peer.recv(4096)
    return peer


def close_code(received: bytes) -> int:
    """Return the code of the close frame at the end of the received bytes."""
    at = received.rindex(b"\x88")
    return int.from_bytes(received[at + 2 : at + 4], "big")


def test_the_time_and_number_of_message_fragments_are_limited(server: Server) -> None:
    endless, many, well = upgraded(server), upgraded(server), upgraded(server)
    endless.sendall(frame(TEXT_FRAME, b"{"))
    with suppress(OSError):
        many.sendall(frame(TEXT_FRAME, b"{") + frame(CONTINUED, b"") * 5000)
    well.sendall(frame(TEXT_FRAME, b'{"type":') + frame(PING | LAST, b"x") + frame(CONTINUED | LAST, b'"ping"}'))
    received = b""
    while b"pong" not in received:
        received += well.recv(4096)
    assert close_code(answer(many)) == 1009
    assert close_code(answer(endless)) == 1011


def test_a_flood_of_pings_whose_pongs_are_not_read_costs_no_memory(server: Server) -> None:
    before = resident(server.pid)
    peer = upgraded(server, buffer=4096)
    pings = frame(PING | LAST, b"x" * 125) * 1000
    sent = 0
    with suppress(OSError):
        while sent < 60 * MIB:
            sent += peer.send(pings)
    grown = (resident(server.pid) - before) / MIB
    print(f"{sent / MIB:.0f} MiB of pings: {grown:.1f} MiB more")
    assert sent > 20 * MIB
    assert grown < 15
    peer.close()


def test_a_socket_that_reads_nothing_is_removed_soon_after_it_is_closed(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    limits = {"KANBAN_STALL_SECONDS": "0.3", "KANBAN_PING_SECONDS": "0.2", "KANBAN_SILENCE_SECONDS": "0.4"}
    with running(databases.make("sqlite", pytestconfig), **limits) as server, server.kanban("ada") as kanban:
        before = sockets(server)
        fill(kanban, 1, 6)
        until(lambda: sockets(server) == before, what="the requests that filled the board to end")
        with dial(server, UPGRADE.replace(b"?board_id=1", b"?board_id=1&after=0"), buffer=4096):
            until(lambda: sockets(server) > before, what="the socket")
            until(lambda: sockets(server) == before, what="the socket to close")
