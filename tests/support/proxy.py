"""A TCP proxy that injects faults on request."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from tests.support.servers import free_port

_REQUEST = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) \S+ HTTP/1\.1\r\n")
_UPGRADE = re.compile(rb"(upgrade: *websocket|connection: *upgrade)\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


Upgrades = Literal["pass", "refuse", "strip", "cut"]


class Proxy:
    """Forwards everything between clients and a server on loopback, until a fault is set."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.requests: list[bytes] = []
        """The beginning of each HTTP request."""
        self.swallowed = 0
        """Number of chunks of the server that were discarded."""
        self.delay = 0.0
        """Delay of each chunk in seconds, in both directions."""
        self.slice = 65536
        """Maximum bytes of one chunk."""
        self.black_hole = False
        """Whether everything is discarded while the connections stay open."""
        self.upgrades: Upgrades = "pass"
        """What happens to a request for a WebSocket: it passes, is refused with 403, loses its headers, or is cut."""
        self._target = target
        self._drops: list[int] = []
        self._answers: list[bytes] = []
        self._losses: list[bytes] = []
        self._silent: set[socket.socket] = set()
        """Clients that get no response, and not even the end of their connection."""
        self._swallow = 0
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def drop_answer(self, *, keep: int = 0) -> None:
        """Forward one more request; pass on the first `keep` bytes of its response, and cut the connection."""
        self._drops.append(keep)

    def answer(self, *answers: bytes) -> None:
        """Answer the next requests with these responses, like a gateway, and forward none of them."""
        self._answers += answers

    def lose_request(self, part: bytes) -> None:
        """Discard the next request with `part` in its beginning, and leave it without a response."""
        self._losses.append(part)

    def swallow(self) -> None:
        """Discard the next chunk that the server sends, and keep the connection."""
        self._swallow += 1

    def cut(self) -> None:
        """Cut every connection."""
        for end in list(self._open):
            self._close(end)

    def reset(self) -> None:
        """Reset every connection, like a router that has lost its state."""
        for end in list(self._open):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._close(end)

    def down(self) -> None:
        """Refuse connections, and cut the existing ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def up(self) -> None:
        """Accept connections."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {client, server}
                for pump in (self._from_client, self._from_server):
                    threading.Thread(target=self._run, args=[pump, client, server], daemon=True).start()

    def _run(self, pump: object, client: socket.socket, server: socket.socket) -> None:
        assert callable(pump)
        with suppress(OSError):
            pump(client, server)
        self._close(server)
        if client not in self._silent:
            self._close(client)

    def _from_client(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(65536):
            if _REQUEST.match(data):
                self.requests.append(data)
                if self.upgrades != "pass" and _UPGRADE.search(data):
                    if self.upgrades == "refuse":
                        client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    if self.upgrades != "strip":
                        return
                    data = _UPGRADE.sub(b"", data)
                if lost := next((part for part in self._losses if part in data), None):
                    self._losses.remove(lost)
                    self._silent.add(client)
                    while client.recv(65536):
                        continue
                    self._silent.discard(client)
                    return
                if self._answers:
                    _read_rest(client, data)
                    client.sendall(self._answers.pop(0))
                    return
            with suppress(OSError):  # data that the server sent before closing must still be forwarded
                self._pass_on(data, server)

    def _from_server(self, client: socket.socket, server: socket.socket) -> None:
        while data := server.recv(65536):
            if self._drops:
                client.sendall(data[: self._drops.pop(0)])
                return
            if self._swallow:
                self._swallow -= 1
                self.swallowed += 1
            else:
                self._pass_on(data, client)

    def _pass_on(self, data: bytes, to: socket.socket) -> None:
        for start in range(0, len(data), self.slice):
            if self.delay:
                threading.Event().wait(self.delay)
            if not self.black_hole:
                to.sendall(data[start : start + self.slice])

    def _close(self, end: socket.socket) -> None:
        self._open.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _read_rest(client: socket.socket, data: bytes) -> None:
    """Read the rest of a request: closing before that would reset the connection and lose the response."""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    remaining = int(length[1]) - len(body) if length else 0
    while remaining > 0:
        remaining -= len(client.recv(65536))


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """Run a proxy to a loopback port for the duration of the block."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.down()
