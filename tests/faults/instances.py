"""Writers and readers of one board that use any available server of several."""

from __future__ import annotations

import json
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from kanban_sdk import Kanban, Refused, Unreachable
from tests.support.servers import Server


@contextmanager
def instances(database: str, count: int, **environment: str) -> Iterator[list[Server]]:
    """Run `count` servers of one database for the duration of the block."""
    servers = [Server(database, **environment) for _ in range(count)]
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Server.start, servers))
        yield servers
    finally:
        for server in servers:
            if server.running():
                server.kill()


class Crowd(ABC):
    """Threads that continue after any fault, until `stop`."""

    def __init__(self, servers: Sequence[Server], board: int, count: int) -> None:
        self.board = board
        self._servers = servers
        self._stop = threading.Event()
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=[number]) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert self.errors == []

    def _run(self, number: int) -> None:
        try:
            self.act(number)
        except BaseException as error:
            self.errors.append(error)

    @abstractmethod
    def act(self, number: int) -> None:
        """Body of thread `number`, until `stop`."""


class Writers(Crowd):
    """Each thread creates and moves tickets, and switches to another server if one does not answer."""

    def __init__(self, servers: Sequence[Server], board: int, count: int) -> None:
        super().__init__(servers, board, count)
        self.acknowledged: set[int] = set()
        self.took: list[tuple[float, float]] = []
        """Time of each response, and its duration, in seconds."""

    def act(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                with random.choice(self._servers).kanban(f"writer-{number}", tries=1, timeout=10) as kanban:
                    for _ in range(20):
                        self._write(kanban, number)
            except Unreachable:
                self._stop.wait(0.02)
            except Refused as error:
                if error.type not in {"busy", "stopping"}:
                    raise
                self._stop.wait(0.02)

    def _write(self, kanban: Kanban, number: int) -> None:
        if not self._stop.is_set():
            began = time.monotonic()
            ticket = kanban.tickets.create(f"by {number}", board=self.board).id
            self.took.append((time.monotonic(), time.monotonic() - began))
            self.acknowledged.add(ticket)
            kanban.tickets.move(ticket, "Done")

    def slowest(self, since: float, until: float) -> float:
        """Return the 99th percentile of response times between two moments, in ms."""
        times = sorted(times for at, times in self.took if since <= at <= until)
        return times[int(len(times) * 0.99)] * 1000 if times else float("nan")


class Readers(Crowd):
    """Each thread follows the board from its first event, and switches servers after a lost connection or at random."""

    def __init__(self, servers: Sequence[Server], board: int, count: int) -> None:
        super().__init__(servers, board, count)
        self.seqs: list[list[int]] = [[] for _ in range(count)]
        self.resumed: list[float] = []
        """Seconds from a lost connection to the next event."""
        self.moves = 0

    def act(self, number: int) -> None:
        seqs, cursor, lost = self.seqs[number], "0", 0.0
        while not self._stop.is_set():
            server = random.choice(self._servers)
            address = f"ws://127.0.0.1:{server.port}/ws/connect?board_id={self.board}&after={cursor}"
            try:
                with connect(address, compression=None, open_timeout=5, close_timeout=0.1) as socket:
                    for _ in range(random.randint(50, 2000)):
                        event = self._next(socket)
                        if event is None:
                            return
                        if "seq" in event:
                            seqs.append(event["seq"])
                            cursor = event["cursor"]
                            if lost:
                                self.resumed.append(time.monotonic() - lost)
                                lost = 0.0
                self.moves += 1
            except (OSError, WebSocketException):
                lost = lost or time.monotonic()
                self._stop.wait(0.02)

    def _next(self, socket: ClientConnection) -> dict[str, Any] | None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                event: dict[str, Any] = json.loads(socket.recv(timeout=0.5))
                return event
        return None

    def behind(self, head: int) -> int:
        """Return how many events the slowest reader has yet to receive."""
        return max(head - (seqs[-1] if seqs else 0) for seqs in self.seqs)
