"""Connections that break in every way, and clients that misuse them: nothing is lost, and others are not affected."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kanban_sdk import AsyncKanban, Event, Kanban
from kanban_sdk.stream.watch import Watch
from tests.faults.validators import check_dense, check_log
from tests.support.databases import Databases
from tests.support.proxy import Proxy, proxied
from tests.support.raw import RawReader, read_board
from tests.support.resident import resident
from tests.support.servers import Server, running
from tests.support.waiting import until


@pytest.fixture
def server(databases: Databases, pytestconfig: pytest.Config) -> Server:
    """The shared server on SQLite: network faults are the same with any database."""
    return databases.server("sqlite", pytestconfig)


def read_all(watch: Watch, head: int) -> list[int]:
    """Return the seqs that a watch yields, up to the head of the log."""
    seqs: list[int] = []
    while not seqs or seqs[-1] < head:
        event: Event = watch.next(timeout=90)
        seqs.append(event.seq)
    return seqs


def toggle(proxy: Proxy, chance: random.Random) -> None:
    """Switch to another network fault."""
    proxy.delay, proxy.slice = 0.0, 65536
    match chance.choice(["late", "sliced", "reset", "cut", "down", "well"]):
        case "late":
            proxy.delay = chance.uniform(0.001, 0.02)
        case "sliced":
            proxy.slice = chance.randint(1, 50)
        case "reset":
            proxy.reset()
        case "cut":
            proxy.cut()
        case "down":
            proxy.down()
            proxy.up()


@pytest.mark.parametrize("toggles", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_network_faults_lose_no_event_and_repeat_none(server: Server, kanban: Kanban, toggles: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    board = kanban.boards.create("Toxic").id
    with proxied(server.port) as proxy, Kanban(proxy.url, "bob", tries=20) as bob, bob.watch(board, after=0) as watch:
        created = 0
        for _ in range(toggles):
            toggle(proxy, chance)
            for _ in range(5):
                bob.tickets.create(f"t{created}", board=board)
                created += 1
        proxy.delay, proxy.slice = 0.0, 65536
        events = check_log(kanban, board)
        assert len(events) == created + 1
        check_dense(read_all(watch, len(events)))


@pytest.mark.slow
def test_a_connection_that_delivers_nothing_is_detected_and_replaced(own_server: Server) -> None:
    with proxied(own_server.port) as proxy, own_server.kanban("ada") as ada, Kanban(proxy.url) as bob:
        board = ada.boards.create("Hole").id
        with bob.watch(board, after=0) as watch:
            assert watch.next(timeout=10).seq == 1
            proxy.black_hole = True
            before = ada.health()["connections"]
            ada.tickets.create("into the hole", board=board)
            until(
                lambda: ada.health()["connections"] < before, within=75, what="the server to detect the dead connection"
            )
            proxy.black_hole = False
            started = time.monotonic()
            assert watch.next(timeout=90).seq == 2
            print(f"noticed by the reader {time.monotonic() - started:.0f} s after the server did")


@pytest.fixture
def impatient(databases: object, tmp_path: Path) -> Iterator[Server]:
    """A server that allows a connection half a second to send a request."""
    with running(str(tmp_path / "kanban.db"), KANBAN_HEAD_SECONDS="0.5") as server:
        yield server


UPGRADE = (
    b"GET /ws/connect?board_id=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALVES = [
    b"",
    b"GET /ws/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webs",
    HEALTH + b"GET /health HT",
    b"POST /api/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30\r\n\r\n{",
]


def test_a_connection_without_a_request_is_cut_and_one_with_a_request_is_not(impatient: Server) -> None:
    half_open = [socket.create_connection(("127.0.0.1", impatient.port)) for _ in range(52)]
    for peer, half in zip(half_open, itertools.cycle(HALVES)):
        peer.sendall(half)
    line_break, upgraded = answered(impatient), answered(impatient)
    line_break.sendall(b"\r\n")
    half_open.append(line_break)
    upgraded.sendall(UPGRADE)
    with connect(f"ws://127.0.0.1:{impatient.port}/ws/connect?board_id=1", compression=None) as reader:
        assert json.loads(reader.recv())["event"] == "connected"
        for peer in half_open:
            peer.settimeout(10)
            with suppress(ConnectionResetError):
                while peer.recv(4096):  # the response to the complete requests
                    pass
            peer.close()
        with impatient.kanban("ada") as kanban:
            kanban.tickets.create("still here", board=1)
        assert json.loads(reader.recv(timeout=5))["event"] == "ticket_created"
        received = b""
        while b"ticket_created" not in received:
            received += upgraded.recv(4096)
        upgraded.close()


def answered(server: Server) -> socket.socket:
    """Return a connection that has received a response."""
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    peer.sendall(HEALTH)
    received = b""
    while b"healthy" not in received:
        part = peer.recv(4096)
        assert part, received
        received += part
    return peer


def test_a_flood_of_messages_and_pings_delays_no_other_client(server: Server, kanban: Kanban) -> None:
    board = kanban.boards.create("Flooded").id
    address = f"ws://127.0.0.1:{server.port}/ws/connect?board_id={board}"
    with connect(address, compression=None, close_timeout=1) as flood, connect(address, compression=None) as reader:
        for _ in range(300):
            flood.send('{"type": "ping"}')
            flood.ping()
        assert json.loads(reader.recv())["event"] == "connected"
        for number in range(20):
            kanban.tickets.create(f"t{number}", board=board)
            assert json.loads(reader.recv(timeout=5))["seq"] == number + 2
        messages = [json.loads(flood.recv(timeout=5)) for _ in range(15)]
        refused = sum(message["event"] == "error" for message in messages)
        assert refused > 0, "nothing was refused, so the load was no flood"


@pytest.mark.slow
def test_a_clean_stop_closes_with_1012_each_time_and_every_watch_resumes(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Stopped").id
        with kanban.watch(board, after=0) as watch:
            seqs = read_all(watch, 1)
            for number in range(10):
                address = f"ws://127.0.0.1:{own_server.port}/ws/connect?board_id={board}"
                with connect(address, compression=None) as raw:
                    assert json.loads(raw.recv())["event"] == "connected"
                    assert own_server.stop(signal.SIGTERM) == 0
                    with pytest.raises(ConnectionClosed) as closed:
                        raw.recv(timeout=5)
                    assert closed.value.rcvd is not None
                    assert closed.value.rcvd.code == 1012
                own_server.start()
                started = time.monotonic()
                kanban.tickets.create(f"t{number}", board=board)
                seqs += read_all(watch, number + 2)
                print(f"resumed after {time.monotonic() - started:.2f} s")
            check_dense(seqs)


async def follow(server: Server, board: int, watchers: int, goal: int) -> list[float]:
    """Run reconnecting readers; return when each had everything, in seconds from the restart."""
    durations: list[float] = []
    restarted = asyncio.Event()
    began = 0.0

    async def read_to_goal() -> None:
        async with AsyncKanban(server.url) as kanban, kanban.watch(board, after=0) as watch:
            seqs = []
            async for event in watch:
                assert event.event != "snapshot"
                seqs.append(event.seq)
                if event.seq == goal:
                    break
            check_dense(seqs)
            durations.append(time.monotonic() - began)

    tasks = [asyncio.create_task(read_to_goal()) for _ in range(watchers)]
    async with AsyncKanban(server.url, "ada", tries=50, patience=60) as ada:
        while (await ada.health())["connections"] < watchers:
            await asyncio.wait(tasks, timeout=0.2)
        await asyncio.to_thread(server.stop)
        await asyncio.wait(tasks, timeout=3)  # the fault: the server is down for three seconds
        await asyncio.to_thread(server.start)
        began = time.monotonic()
        restarted.set()
        for number in range(goal - 1):
            await ada.tickets.create(f"t{number}", board=board)
    await asyncio.gather(*tasks)
    return durations


@pytest.mark.slow
def test_a_thousand_watches_reconnect_after_a_restart(databases: object, tmp_path: Path) -> None:
    with running(str(tmp_path / "kanban.db"), KANBAN_CONNECTIONS="1100") as server:
        with server.kanban("ada") as kanban:
            board = kanban.boards.create("Thousand").id
        times = asyncio.run(asyncio.wait_for(follow(server, board, 1000, goal=21), timeout=240))
        times.sort()
        print(f"resumed: median {times[500]:.1f} s, last {times[-1]:.1f} s after the port opened")
        assert len(times) == 1000


SOAK_SECONDS = 120
SOAK_READERS = 300


async def soak(server: Server, board: int) -> list[int]:
    """Send events at a steady rate to many readers; return the server's memory every ten seconds."""
    async with AsyncKanban(server.url, "ada") as kanban:
        ticket = (await kanban.tickets.create("moved about", board=board)).id
        readers: list[RawReader] = [await read_board(server.port, board) for _ in range(SOAK_READERS)]
        memory, moves = [], 0
        ends = time.monotonic() + SOAK_SECONDS
        while time.monotonic() < ends:
            tick = time.monotonic()
            for _ in range(20):
                moves += 1
                await kanban.tickets.move(ticket, "Done" if moves % 2 else "Blocked")
            if moves % 200 == 0:
                memory.append(resident(server.pid))
            await asyncio.sleep(max(0.0, tick + 1 - time.monotonic()))  # the load: twenty events per second
        await asyncio.gather(*(reader.has(moves + 1) for reader in readers))
        for reader in readers:
            reader.transport.close()
        return memory


@pytest.mark.slow
def test_a_steady_stream_to_many_readers_does_not_increase_memory(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Soak").id
        descriptors = Path(f"/proc/{own_server.pid}/fd")
        before = len(list(descriptors.iterdir()))
        memory = asyncio.run(asyncio.wait_for(soak(own_server, board), timeout=SOAK_SECONDS * 3))
        until(lambda: len(list(descriptors.iterdir())) <= before + 4, within=90, what="the sockets to close")
        growth = (memory[-1] - memory[2]) / 2**20
        print(f"{len(memory)} samples, growth {growth:.1f} MiB")
        assert growth < 8
        check_log(kanban, board)
