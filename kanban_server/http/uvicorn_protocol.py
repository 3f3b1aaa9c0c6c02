"""uvicorn's HTTP protocol with read and write timeouts and a limit on connections (docs/decisions/0022-uvicorn.md)."""

from __future__ import annotations

import asyncio
from typing import Literal, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kanban_server.entry.connection_limit import LIMIT_SCOPE_KEY, REFUSAL_SCOPE_KEY, ConnectionLimit, LimitedProtocol
from kanban_server.entry.uploads import is_upload
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings

COALESCED_BYTES = 65_536
"""Maximum bytes of a body's beginning that are copied to be written with the head."""
UNREAD_BYTES = 32 * 1024 * 1024
"""Maximum bytes of a request body that are read and discarded after an early response, such as a 413.

Many clients send a whole body before they read the response, and see a broken connection if nobody reads it.
"""
UNREAD_SECONDS = 10.0
"""Time for which such a body is read."""


class CoalescingTransport:
    """A transport that writes a response's head and first bytes at once.

    uvicorn writes the head separately, and each write to a socket wakes its reader. Closing it waits for the rest of
    the request's body (`TimeoutProtocol.end`).
    """

    def __init__(self, transport: asyncio.Transport, protocol: TimeoutProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._head = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write; a head is held until the next write or the next turn of the loop."""
        if self._head and len(data) <= COALESCED_BYTES:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/"):
            self._flush()
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._flush()
        self._transport.write(data)

    def close(self) -> None:
        """Close the connection after everything is written."""
        self._flush()
        self._protocol.end()

    def is_closing(self) -> bool:
        """Whether the connection is closing."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class TimeoutProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time limits for peers and a limit on connections.

    uvicorn only limits the time from a response to the next byte. This also cuts a peer that does not send a request's
    head or body in time, or that reads nothing of a response.
    """

    settings: Settings
    connection_limit: ConnectionLimit
    _expected: Literal["head", "body"] | None = "head"
    _timer: asyncio.TimerHandle | None = None
    _body_since: float | None = None
    """Start of a body that did not arrive with its head."""
    _body_bytes = 0
    _body_seconds = 0.0
    """Maximum time for the whole body of this request."""
    _unread_since: float | None = None
    """When the response was complete before the request's body."""
    _unread_bytes = 0
    _close_after_body = False
    """Whether to close once the rest of the body was read, or its limit is reached."""
    _stall_timer: asyncio.TimerHandle | None = None
    _unsent_bytes = 0
    _address = ""
    """The peer's address; empty where it is not counted."""
    _over_limit = False
    """Whether the connection was beyond a limit when it was made."""
    _by_proxy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection; beyond the limit it or the longest idle one is cut."""
        super().connection_made(transport)
        self._response_transport = CoalescingTransport(transport, self)
        address = self.client[0] if self.client else ""
        self._by_proxy = bool(address) and self.connection_limit.is_proxy(address)
        self._address = "" if self._by_proxy else address
        within_limit = not self._address or self.connection_limit.add_connection(self._address)
        if not within_limit or not self.connection_limit.cut_longest_idle(len(self.connections)):
            transport.abort()
            return
        self._over_limit = self._refusal() is not None
        self.connection_limit.idle[self] = transport
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Handle bytes, mostly a whole request, and check the time limits.

        A line break after a response starts no request, but ends uvicorn's keep-alive timeout.
        """
        super().data_received(data)
        if self._expected is None and (self.cycle is None or not self.cycle.response_complete):
            return
        if self.transport.get_protocol() is not self:  # it became a WebSocket, which has its own time limits
            self._cancel_timer()
        elif self._expected == "body":
            self._check_body_rate(len(data))
        elif self._timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._expected = "head"

    def on_headers_complete(self) -> None:
        """The head of a request is complete."""
        self._expected = "body"
        self._body_since = self._unread_since = None
        scope = cast("dict[str, object]", self.scope)
        if self._by_proxy:
            scope[LIMIT_SCOPE_KEY] = self.connection_limit
        if self._over_limit and (refusal := self._refusal()) is not None:
            scope[REFUSAL_SCOPE_KEY] = refusal
        super().on_headers_complete()
        path = str(scope.get("path", "")).removeprefix(self.settings.prefix).rstrip("/")
        upload = is_upload(str(scope.get("method", "")), path)
        self._body_seconds = self.settings.file_seconds if upload else self.settings.body_seconds
        if self.cycle is not None:  # None where the connection becomes a WebSocket
            self.cycle.transport = self._response_transport  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """A request is complete."""
        super().on_message_complete()
        self._expected = None
        self._cancel_timer()
        self.connection_limit.idle.pop(self, None)
        if self._close_after_body:
            self.transport.close()
        elif self.cycle is not None and self.cycle.response_complete:  # the response was complete before the request
            self.connection_limit.idle[self] = self.transport

    def on_response_complete(self) -> None:
        """A response is complete."""
        super().on_response_complete()
        if self._expected == "body":
            self._unread_since, self._unread_bytes = self.loop.time(), 0
            if self._close_after_body:
                self._unset_keepalive_if_required()
        if self.cycle.response_complete and not self.transport.is_closing():  # otherwise a pipelined request follows
            self.connection_limit.idle[self] = self.transport

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection and its count over to the WebSocket protocol."""
        super().handle_websocket_upgrade()
        self.connection_limit.idle.pop(self, None)
        protocol = self.transport.get_protocol()
        if isinstance(protocol, LimitedProtocol):
            protocol.set_connection_limit(
                self.connection_limit, self._address, self._refusal() if self._over_limit else None, self._by_proxy
            )
            protocol.limit(self.settings.head_seconds, self.settings.stall_seconds)
        elif self._address:
            self.connection_limit.remove_connection(self._address)

    def end(self) -> None:
        """Close after everything is written and the rest of the body was read."""
        if self._expected == "body" and not self.transport.is_closing() and self.transport.can_write_eof():
            self._close_after_body = True
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()
        self._watch_stall()

    def timeout_keep_alive_handler(self) -> None:
        """The keep-alive timeout has passed."""
        super().timeout_keep_alive_handler()
        self._watch_stall()

    def pause_writing(self) -> None:
        """The send buffer is full."""
        super().pause_writing()
        self._watch_stall()

    def resume_writing(self) -> None:
        """The send buffer has room again."""
        super().resume_writing()
        if self._stall_timer is not None and not self.transport.is_closing():
            self._stall_timer.cancel()
            self._stall_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._cancel_timer()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self.connection_limit.idle.pop(self, None)
        if self._address:
            self.connection_limit.remove_connection(self._address)
        super().connection_lost(exc)

    def _refusal(self) -> Refusal | None:
        return self.connection_limit.refusal_for(len(self.connections), self._address)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.settings.head_seconds, self._on_timeout)

    def _on_timeout(self) -> None:
        """Cut a peer that is late, unless this side has paused reading."""
        if self.flow.read_paused:
            self._body_since = None
            self._start_timer()
        else:
            self.transport.abort()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check_body_rate(self, size: int) -> None:
        """Cut a peer that sends a body too slowly, or too much of one that is discarded."""
        now, settings = self.loop.time(), self.settings
        if self._body_since is None:
            self._body_since, self._body_bytes = now, 0
        self._body_bytes += size
        elapsed = now - self._body_since
        late = elapsed > self._body_seconds
        late = late or self._body_bytes < (elapsed - settings.head_seconds) * settings.body_rate
        if self._unread_since is not None:
            self._unread_bytes += size
            late = late or self._unread_bytes > UNREAD_BYTES or now - self._unread_since > UNREAD_SECONDS
        self._cancel_timer()
        if late and not self.flow.read_paused:
            self.transport.abort()
        else:
            self._start_timer()

    def _watch_stall(self) -> None:
        """Check later whether the peer has read any of the unsent bytes."""
        unsent_bytes = self.transport.get_write_buffer_size()
        if unsent_bytes and self._stall_timer is None:
            self._unsent_bytes = unsent_bytes
            self._stall_timer = self.loop.call_later(self.settings.stall_seconds, self._check_stalled)

    def _check_stalled(self) -> None:
        self._stall_timer = None
        if self.transport.get_write_buffer_size() < self._unsent_bytes:
            self._watch_stall()
        else:
            self.transport.abort()


def protocol_with_timeout(settings: Settings, connection_limit: ConnectionLimit) -> type[TimeoutProtocol]:
    """A protocol class with these settings."""
    return type(
        "ConfiguredTimeoutProtocol", (TimeoutProtocol,), {"settings": settings, "connection_limit": connection_limit}
    )
