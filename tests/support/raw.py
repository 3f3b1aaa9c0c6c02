"""A WebSocket reader with almost no cost, so that hundreds of them measure the server and not themselves."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import Callable

HEARTBEAT = b'{"event":"heartbeat"'
PING, PONG, MASKED, UNCHANGED = 0x89, 0x8A, 0x80, bytes(4)
"""A client's frames are masked; this mask leaves them unchanged."""


class RawReader(asyncio.Protocol):
    """Counts incoming messages except heartbeats, and calls `arrived` for each; can stop reading."""

    def __init__(self, path: str, host: str, arrived: Callable[[bytes], None] | None = None) -> None:
        self._path = path
        self._host = host
        self._arrived = arrived
        self._buffer = bytearray()
        self._upgraded = False
        self.messages = 0
        self._goal = 0
        self._reached = asyncio.Event()
        self.connected = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {self._path} HTTP/1.1",
            f"Host: {self._host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "",
            "",
        )
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, separator, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not separator:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._upgraded = True
            self._buffer = bytearray(rest)
        self._take_frames()

    async def has(self, messages: int) -> None:
        """Wait until `messages` messages have arrived."""
        self._goal = messages
        while self.messages < messages:
            self._reached.clear()
            await self._reached.wait()

    def _take_frames(self) -> None:
        buffer, start = self._buffer, 0
        while (end := _frame_end(buffer, start)) is not None:
            body, stop = end
            if buffer[start] == PING:
                self.transport.write(bytes((PONG, MASKED | stop - body)) + UNCHANGED + buffer[body:stop])
            elif buffer[start] == 0x81 and not buffer.startswith(HEARTBEAT, body):
                self.messages += 1
                if not self.connected.done():
                    self.connected.set_result(None)
                elif self._arrived is not None:
                    self._arrived(bytes(buffer[body:stop]))
            start = stop
        del buffer[:start]
        if self.messages >= self._goal:
            self._reached.set()


def _frame_end(buffer: bytearray, start: int) -> tuple[int, int] | None:
    """Return the bounds of the body of the frame at `start`; None if it is incomplete."""
    if len(buffer) < start + 2:
        return None
    size, body = buffer[start + 1] & 0x7F, start + 2
    extra = {126: 2, 127: 8}.get(size, 0)
    if extra:
        if len(buffer) < body + extra:
            return None
        size, body = int.from_bytes(buffer[body : body + extra], "big"), body + extra
    return (body, body + size) if len(buffer) >= body + size else None


async def read_board(
    port: int,
    board: int,
    *,
    after: str | int | None = None,
    arrived: Callable[[bytes], None] | None = None,
    receive_buffer: int | None = None,
    client: str = "sdk",
) -> RawReader:
    """Connect a reader of one board."""
    path = f"/ws/connect?board_id={board}&client={client}" + ("" if after is None else f"&after={after}")
    raw = socket.socket()
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", port))
    _, reader = await loop.create_connection(lambda: RawReader(path, f"127.0.0.1:{port}", arrived), sock=raw)
    await reader.connected
    return reader


def queued(reader: RawReader) -> int:
    """Return the bytes that the kernel holds for a stalled reader, on its side and on the server's (Linux)."""
    own = reader.transport.get_extra_info("sockname")[1]
    held = 0
    with open("/proc/net/tcp") as table:  # noqa: PTH123 - it is a window into the kernel, not a file
        for line in table.readlines()[1:]:
            fields = line.split()
            ports = {int(fields[1].rpartition(":")[2], 16), int(fields[2].rpartition(":")[2], 16)}
            if own in ports:
                held += sum(int(part, 16) for part in fields[4].split(":"))
    return held
