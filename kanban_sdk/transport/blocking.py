"""The small blocking transport for one-shot commands: it takes the same `Call`, and loads in a third of httpx's time.

One connection per call, over h11 and a socket (docs/decisions/0003-plain-transport.md). Programs use `Kanban`.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

import h11

from kanban_sdk.calls.address import parse_address
from kanban_sdk.calls.call import PART_BYTES, Call
from kanban_sdk.errors import Unreachable
from kanban_sdk.transport.retries import PATIENCE, TIMEOUT, TRIES, RetryState

T = TypeVar("T")


class BlockingTransport:
    """Sends calls, one at a time.

    A try that was started and got no response is retried, as `Kanban` does; if nothing listens at the first try, the
    call fails at once. `timeout` and `patience` are seconds. Raises Unreachable if `url` is malformed.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
        patience: float = PATIENCE,
    ) -> None:
        parts = parse_address(url)
        self.url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._netloc = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path
        self._headers = dict(headers)
        self._timeout = timeout
        self._tries = tries
        self._patience = patience

    def send(self, call: Call[T]) -> T:
        """Send the call, and read its response. Raises Refused and Unreachable."""
        content = call.content() if call.file is None else None
        headers = {**self._headers, "Host": self._netloc, "Accept": "application/json", "Connection": "close"}
        headers |= call.headers()
        if call.is_write and content is not None:
            headers["Content-Length"] = str(len(content))
        request = h11.Request(method=call.method, target=call.target(self._prefix), headers=list(headers.items()))
        tries = RetryState(self.url, self._tries, self._patience)
        while True:
            try:
                status, retry_after, body = self._exchange(request, call)
            except (OSError, h11.RemoteProtocolError) as error:
                if isinstance(error, ConnectionRefusedError) and tries.failed == 0:
                    raise Unreachable(self.url, str(error)) from None
                delay = tries.delay_after_error(error)
            else:
                if status < 400:
                    return call.parse_response(body, self.url)
                delay = tries.delay_after_refusal(status, retry_after, body)
            time.sleep(delay)

    def _exchange(self, request: h11.Request, call: Call[T]) -> tuple[int, str | None, bytes]:
        """One try: the status, the `Retry-After` and the body of the response."""
        connection = h11.Connection(h11.CLIENT)
        head = connection.send(request) or b""
        status, retry_after, body = 0, None, bytearray()
        with self._connect() as stream:
            with suppress(BrokenPipeError, ConnectionResetError):  # a refusal may arrive before everything was sent
                for part in call.parts():
                    head += connection.send(h11.Data(part)) or b"" if part else b""
                    if len(head) >= PART_BYTES:
                        stream.sendall(head)
                        head = b""
                stream.sendall(head + (connection.send(h11.EndOfMessage()) or b""))
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(stream.recv(65536))
                elif isinstance(event, h11.Response):
                    status = event.status_code
                    retry_after = dict(event.headers).get(b"retry-after")
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    return status, retry_after.decode("latin-1") if retry_after else None, bytes(body)
                elif isinstance(event, h11.ConnectionClosed):
                    raise ConnectionResetError("the server closed the connection")

    def _connect(self) -> socket.socket:
        stream = socket.create_connection((self._host, self._port), timeout=self._timeout)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._secure:
            return stream
        from kanban_sdk.transport.tls import create_ssl_context

        return create_ssl_context().wrap_socket(stream, server_hostname=self._host)
