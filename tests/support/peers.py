"""Peers that misuse their connections: they send slowly, or read nothing."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.support.servers import Server


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """Build the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def post(path: str, length: int, *headers: str) -> bytes:
    """Build the head of a request with a JSON body of this length, and the first byte of the body."""
    return request("POST", path, "Content-Type: application/json", f"Content-Length: {length}", *headers, body=b"{")


def dial(server: Server, data: bytes = b"", *, buffer: int | None = None) -> socket.socket:
    """Connect to a server and send bytes. `buffer`: bytes of the kernel's receive buffer."""
    peer = socket.socket()
    if buffer is not None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    peer.settimeout(10)
    peer.connect(("127.0.0.1", server.port))
    peer.sendall(data)
    return peer


@contextmanager
def dialled(
    server: Server, count: int, data: bytes = b"", *, buffer: int | None = None
) -> Iterator[list[socket.socket]]:
    """Open `count` such connections."""
    with ExitStack() as stack:
        yield [stack.enter_context(dial(server, data, buffer=buffer)) for _ in range(count)]


@contextmanager
def dripping(peers: list[socket.socket], drop: bytes = b" ", every: float = 0.05) -> Iterator[None]:
    """Let each peer send one drop after the other for the duration of the block."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(every):
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.send(drop)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_cut(peer: socket.socket) -> bool:
    """Whether the server has closed a connection, whatever it sent before."""
    try:
        while select.select([peer], [], [], 0)[0]:
            if not peer.recv(65536):
                return True
    except OSError:
        return True
    return False


def answer(peer: socket.socket) -> bytes:
    """Return everything that the server sends until it closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := peer.recv(65536):
            received += part
    return received


def seconds(work: Callable[[], object]) -> float:
    """Measure how long a call takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
