"""A bare broadcast: a request makes it write one prebuilt frame to every socket.

It supports just enough HTTP for the same client to join as a reader (GET) and to request a broadcast (POST).
"""

from __future__ import annotations

import asyncio
import sys

import uvloop

JOINED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02{}"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


class Peer(asyncio.Protocol):
    """A reader, or the client that requests broadcasts."""

    def __init__(self, readers: set[asyncio.Transport], frame: bytes) -> None:
        self._readers = readers
        self._frame = frame

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._readers.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET /ws"):
            self._readers.add(self._transport)
            self._transport.write(JOINED)
        elif data.startswith(b"POST"):
            for reader in self._readers:
                reader.write(self._frame)
            self._transport.write(ANSWER)
        else:
            self._transport.write(ANSWER)


async def main(payload_bytes: int) -> None:
    """Serve until killed; `payload_bytes` is 126 to 65,535, the range of an event's size."""
    frame = b"\x81\x7e" + payload_bytes.to_bytes(2, "big") + b"x" * payload_bytes
    readers: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Peer(readers, frame), "127.0.0.1", 0, backlog=2048)
    print(f"The bare broadcast is at http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
