"""HTTP connections that wait for nobody for ever, and that say an answer in one breath."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SMALL = 65_536
"""Bytes of an answer's beginning that are copied to be written with its head."""


class Together:
    """A connection's transport, which writes an answer's head and its first bytes at once.

    uvicorn writes the head by itself. Each write to a socket wakes its reader: that was a sixth of a move's time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write; a head waits for what follows it until the loop goes on."""
        if self._head and len(data) <= SMALL:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/"):
            self._flush()
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._flush()
        self._transport.write(data)

    def close(self) -> None:
        """End the connection once all is written."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection ends."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own protocol; a peer that says nothing, or never comes to an end, is cut off.

    uvicorn times connections only from an answer to the next byte, so half-open ones would pile up.
    """

    head_seconds = 10.0
    """How long a head may take, from a connection's beginning or its own, and each next part of a body."""
    _awaited: Literal["head", "body"] | None = "head"
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connects."""
        super().connection_made(transport)
        self._together = Together(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Something came: mostly a whole request, which is answered now. After an answer, a line break is no request
        yet, but has ended uvicorn's own patience."""
        super().data_received(data)
        if self._awaited is None and (self.cycle is None or not self.cycle.response_complete):
            return
        if self.transport.get_protocol() is not self:  # it became a WebSocket, which has its own patience
            self._in_time()
        elif self._late is None or self._awaited == "body":
            self._in_time()
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._awaited = "head"

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._awaited = "body"
        super().on_headers_complete()
        if self.cycle is not None:  # None where the connection becomes a WebSocket
            self.cycle.transport = self._together  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """A request is there."""
        super().on_message_complete()
        self._awaited = None
        self._in_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = asyncio.get_running_loop().call_later(self.head_seconds, self._cut)

    def _cut(self) -> None:
        """The peer is late, unless it is this side that does not read."""
        if self.flow.read_paused:
            self._wait()
        else:
            self.transport.abort()

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def patient(head_seconds: float) -> type[Any]:
    """The protocol, with this patience."""
    return type("Patient", (PatientProtocol,), {"head_seconds": head_seconds})
