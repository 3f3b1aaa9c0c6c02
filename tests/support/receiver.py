"""A receiver of webhooks: it records deliveries and answers as set."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Delivery(NamedTuple):
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded


class Receiver:
    """Listens on loopback, and answers 204 unless set otherwise."""

    def __init__(self) -> None:
        self.status = 204
        self.open = threading.Event()
        """While cleared, senders wait for a response."""
        self.open.set()
        self.all: list[Delivery] = []
        """All requests, whatever the response."""
        self.accepted: list[Delivery] = []
        """The requests that were answered with success."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                delivery = Delivery(self.path, headers, body)
                receiver.all.append(delivery)
                receiver.open.wait(10)
                status = receiver.status
                if status < 300:  # before the response: the next request may arrive as soon as it is read
                    receiver.accepted.append(delivery)
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def seqs(self) -> list[int]:
        """Return the seqs of the accepted events."""
        return [delivery.event["seq"] for delivery in self.accepted]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for the duration of the block."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()
