"""Promises 1 and 3: the server is killed during a burst of writes, and at the instant of a response."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kanban_sdk import Kanban, Refused, Unreachable
from tests.faults.validators import check_dense, check_log, whole_log
from tests.support.servers import Server, clean_environment, on_sqlite_and_slowly_on_both
from tests.support.waiting import until

WRITERS = 8


class Burst:
    """Writers that continue after any error, and record the acknowledged tickets."""

    def __init__(self, server: Server, board: int) -> None:
        self.acknowledged: set[int] = set()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(server, board, n)) for n in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def _write(self, server: Server, board: int, number: int) -> None:
        with server.kanban(f"writer-{number}", tries=1) as kanban:
            while not self._stop.is_set():
                try:
                    ticket = kanban.tickets.create(f"by {number}", board=board)
                    self.acknowledged.add(ticket.id)
                    kanban.tickets.move(ticket.id, "Done")
                except (Unreachable, Refused):
                    self._stop.wait(0.02)  # the server is down

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def start_watch(server: Server, board: int, output: Path) -> subprocess.Popen[bytes]:
    """Start `kanban watch` in its own process."""
    env = clean_environment(KANBAN_URL=server.url)
    command = [sys.executable, "-m", "kanban_cli", "watch", "-b", str(board), "--after", "0"]
    return subprocess.Popen(command, env=env, stdout=output.open("wb"), stderr=subprocess.DEVNULL)


def watched(output: Path) -> list[int]:
    return [json.loads(line)["seq"] for line in output.read_text().splitlines()]


def kill_in_a_burst(server: Server, output: Path, *, times: int, seed: int) -> None:
    """Kill the server `times` times during writes; then check everything that must hold."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    with server.kanban("ada") as kanban:
        board = kanban.boards.create("Burst").id
        watch = start_watch(server, board, output)
        burst = Burst(server, board)
        try:
            for _ in range(times):
                before = len(burst.acknowledged)
                more = chance.randint(5, 60)
                until(lambda: len(burst.acknowledged) >= before + more, within=30, what="a burst of writes")  # noqa: B023
                server.kill()
                server.start()
        finally:
            burst.stop()
        events = check_log(kanban, board)
        tickets = {ticket.id for ticket in kanban.boards.tickets(board).tickets}
        assert burst.acknowledged <= tickets
        try:
            until(lambda: len(watched(output)) >= len(events), within=60, what="the watch at the head of the log")
        finally:
            watch.send_signal(signal.SIGTERM)
            watch.wait(timeout=10)
        check_dense(watched(output))
        assert len(watched(output)) == len(events)


def test_a_watch_prints_each_event_once_while_the_server_is_killed_three_times(
    own_server: Server, tmp_path: Path
) -> None:
    kill_in_a_burst(own_server, tmp_path / "watch.jsonl", times=3, seed=random.randrange(10**6))


@pytest.mark.slow
def test_a_watch_prints_each_event_once_while_the_server_is_killed_twenty_times(
    own_server: Server, tmp_path: Path
) -> None:
    kill_in_a_burst(own_server, tmp_path / "watch.jsonl", times=20, seed=random.randrange(10**6))


@pytest.mark.slow
@on_sqlite_and_slowly_on_both
def test_an_acknowledged_change_is_stored_when_the_server_is_killed_at_the_response(own_server: Server) -> None:
    """Promise 3. The first byte of the response triggers the kill: no work may be left to do after it."""
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("At the answer").id
        for number in range(8):
            title = f"acknowledged {number}"
            with socket.create_connection(("127.0.0.1", own_server.port)) as client:
                body = json.dumps({"title": title, "board_id": board}).encode()
                head = "POST /api/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                first = client.recv(12)
                own_server.kill()
            assert first == b"HTTP/1.1 201"
            own_server.start()
            assert title in {ticket.title for ticket in kanban.boards.tickets(board).tickets}
        check_log(kanban, board)


def test_a_commit_waits_for_the_disk(database: str) -> None:
    """Promise 3: a commit survives power loss, since no setting acknowledges it before it is written."""
    from kanban_server.settings import Settings
    from kanban_server.store.database import driver_for

    driver = driver_for(Settings(database_url=database))
    connection = driver.writer()
    setting = "PRAGMA synchronous" if driver.dialect == "sqlite" else "SHOW synchronous_commit"
    assert connection.execute(setting).fetchone()[0] in {2, "on"}
    connection.close()
    driver.release()


def test_sigterm_closes_streams_with_1012_and_exits_within_five_seconds(own_server: Server) -> None:
    """A clean stop, also with connected readers, over WebSocket and over server-sent events."""
    import time

    import httpx
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{own_server.port}/ws/connect?board_id=1", compression=None) as reader:
        assert json.loads(reader.recv())["event"] == "connected"
        url = f"{own_server.url}/api/boards/1/events"
        with httpx.stream("GET", url, headers={"Accept": "text/event-stream"}, timeout=10) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": connected"
            started = time.monotonic()
            code = own_server.stop()
            assert time.monotonic() - started < 5
            assert code == 0
            assert list(lines) == [""]
        with pytest.raises(ConnectionClosed) as closed:
            reader.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012


def test_a_stopping_server_finishes_accepted_requests(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Stop").id
        burst = Burst(own_server, board)
        until(lambda: len(burst.acknowledged) > 50, within=30, what="a burst of writes")
        assert own_server.stop() == 0
        burst.stop()
        own_server.start()
        assert burst.acknowledged <= {ticket.id for ticket in kanban.boards.tickets(board).tickets}
        assert len(whole_log(kanban, board)) > len(burst.acknowledged)


def test_a_second_server_on_the_same_file_does_not_start_and_reports_why(own_server: Server, database: str) -> None:
    if database.startswith("postgresql"):
        with Kanban(own_server.url) as kanban:  # any number of servers may use PostgreSQL
            other = Server(database).start()
            other.kill()
            assert kanban.health()["status"] == "healthy"
        return
    command = [sys.executable, "-m", "kanban_server", "--port", "0", "--database", database]
    second = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "Another kanban server has" in second.stderr
