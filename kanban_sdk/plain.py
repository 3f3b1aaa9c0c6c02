"""The small blocking transport for one-shot commands: the same `Call`, in a third of the time that httpx takes to load.

One connection a call, over h11 and a socket (docs/decisions/0003-plain-transport.md). Programs use `Kanban`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from typing import Any, TypeVar

import h11

from kanban_sdk import retries
from kanban_sdk.calls.call import Call
from kanban_sdk.errors import Unreachable, refused

T = TypeVar("T")


class Plain:
    """Sends calls, one at a time."""

    def __init__(self, url: str, headers: Mapping[str, str], *, timeout: float = 30.0, tries: int = 4) -> None:
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or (443 if self._secure else 80)
        self._netloc = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path.rstrip("/")
        self._headers = dict(headers)
        self._timeout = timeout
        self._retries = tries - 1

    def send(self, call: Call[T]) -> T:
        """Send the call, and read its answer. Raises Refused and Unreachable."""
        headers = {**self._headers, "Host": self._netloc, "Accept": "application/json", "Connection": "close"}
        body = b""
        if call.body is not None:
            body = json.dumps(call.body).encode()
            headers |= {"Content-Type": "application/json"}
        if call.changes:
            headers |= {"Idempotency-Key": os.urandom(16).hex(), "Content-Length": str(len(body))}
        if call.version is not None:
            headers["If-Match"] = f'"{call.version}"'
        request = h11.Request(method=call.method, target=call.target(self._prefix), headers=list(headers.items()))
        waits = retries.waits(self._retries)
        while True:
            try:
                status, retry_after, answer = self._exchange(request, body)
            except (OSError, h11.RemoteProtocolError) as error:
                wait = next(waits, None)
                if wait is None or isinstance(error, ConnectionRefusedError):
                    raise Unreachable(self.url, str(error)) from error
                time.sleep(wait)
                continue
            if status < 400:
                return call.read(answer)
            problem: dict[str, Any] = (
                answer if isinstance(answer, dict) else {"status": status, "detail": f"HTTP {status}"}
            )
            wait = next(waits, None)
            if wait is None or not retries.worth_retrying(status, problem.get("type"), keyed=True):
                raise refused(problem)
            time.sleep(retries.after(retry_after, wait))

    def _exchange(self, request: h11.Request, body: bytes) -> tuple[int, str | None, Any]:
        connection = h11.Connection(h11.CLIENT)
        with self._connect() as stream:
            head = connection.send(request) or b""
            data = connection.send(h11.Data(body)) or b"" if body else b""
            stream.sendall(head + data + (connection.send(h11.EndOfMessage()) or b""))
            status, retry_after, answer = 0, None, bytearray()
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(stream.recv(65536))
                elif isinstance(event, h11.Response):
                    status = event.status_code
                    retry_after = next(
                        (value.decode() for name, value in event.headers if name == b"retry-after"), None
                    )
                elif isinstance(event, h11.Data):
                    answer += event.data
                elif isinstance(event, h11.EndOfMessage):
                    break
                elif isinstance(event, h11.ConnectionClosed):
                    raise ConnectionResetError("the server closed the connection")
        try:
            return status, retry_after, json.loads(bytes(answer)) if answer else None
        except ValueError as error:
            raise Unreachable(self.url, "what answers there is no kanban server") from error

    def _connect(self) -> socket.socket:
        stream = socket.create_connection((self._host, self._port), timeout=self._timeout)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._secure:
            return stream
        import ssl

        return ssl.create_default_context().wrap_socket(stream, server_hostname=self._host)
