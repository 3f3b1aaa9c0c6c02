"""Many WebSocket readers in one process: each parses only the frame headers."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from base64 import b64encode

from benchmarks.client import PATIENCE

TEXT = 0x1
AT_ONCE = 100
"""Readers that join at the same time."""


def upgrade(board: int) -> bytes:
    """Build the request that opens a stream of a board."""
    key = b64encode(os.urandom(16)).decode()
    return (
        f"GET /ws/connect?username=reader&board_id={board} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


class Audience:
    """Readers of one board, and the arrival times of their events."""

    def __init__(self, port: int, board: int) -> None:
        self.port = port
        self._board = board
        self._readers: list[Reader] = []
        self._expected = 0
        self._all_arrived: asyncio.Future[None] | None = None
        self.arrival_times: list[float] = []
        """`time.perf_counter()` of each arrival since `count_arrivals`."""
        self.frame_bytes = 0
        """Payload size of the last frame."""

    async def join(self, count: int) -> None:
        """Add `count` readers; when this returns, each has received its connected message."""
        loop = asyncio.get_running_loop()
        for first in range(0, count, AT_ONCE):
            all_arrived = self.count_arrivals(min(AT_ONCE, count - first))
            for _ in range(min(AT_ONCE, count - first)):
                _, reader = await loop.create_connection(lambda: Reader(self), "127.0.0.1", self.port)
                reader.transport.write(upgrade(self._board))
                self._readers.append(reader)
            await wait_for_all(all_arrived)

    def count_arrivals(self, arrivals: int | None = None) -> asyncio.Future[None]:
        """Count arrivals from now on; the future is done at the last of them, by default one per reader."""
        self.arrival_times = []
        self._expected = len(self._readers) if arrivals is None else arrivals
        self._all_arrived = asyncio.get_running_loop().create_future()
        return self._all_arrived

    def record_arrival(self, payload_bytes: int, now: float) -> None:
        """Record that a reader has received an event."""
        self.arrival_times.append(now)
        self.frame_bytes = payload_bytes
        if len(self.arrival_times) == self._expected and self._all_arrived is not None:
            self._all_arrived.set_result(None)

    def leave(self) -> None:
        """Disconnect all readers."""
        for reader in self._readers:
            reader.transport.close()
        self._readers.clear()


async def wait_for_all(all_arrived: asyncio.Future[None]) -> None:
    """Wait for the last reader. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        await all_arrived


class Reader(asyncio.Protocol):
    """One reader."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._received = b""
        self._joined = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        received = self._received + data
        if not self._joined:
            head, separator, rest = received.partition(b"\r\n\r\n")
            if not separator:
                self._received = received
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._joined, received = True, rest
        start = 0
        while (frame := _frame(received, start)) is not None:
            payload, end = frame
            if received[start] & 0x0F == TEXT:
                self._audience.record_arrival(end - payload, now)
            start = end
        self._received = received[start:]


def _frame(data: bytes, start: int) -> tuple[int, int] | None:
    """Return the bounds of the frame's payload; None if the frame is incomplete."""
    if len(data) < start + 2:
        return None
    size, payload = data[start + 1], start + 2
    if size >= 126:
        payload += 2 if size == 126 else 8
        size = int.from_bytes(data[start + 2 : payload], "big")
    return (payload, payload + size) if payload + size <= len(data) else None


def stalled(port: int, board: int) -> socket.socket:
    """Open a reader that joins and then reads nothing."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.sendall(upgrade(board))
    return peer
