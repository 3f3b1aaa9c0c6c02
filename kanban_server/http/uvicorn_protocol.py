"""HTTP connections that no slow or greedy peer can hold for ever, and whose answers leave in one write."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kanban_server.entry.connection_limit import LIMIT_SCOPE_KEY, REFUSAL_SCOPE_KEY, ConnectionLimit, LimitedProtocol
from kanban_server.settings import Settings

COALESCED_BYTES = 65_536
"""Bytes of an answer's beginning that are copied to be written with its head."""
UNREAD_BYTES = 32 * 1024 * 1024
"""Bytes of a body that are read and thrown away behind an answer that did not wait for it, such as a 413. Many clients
send all of a body before they read the answer, and see a broken connection where nobody reads."""
UNREAD_SECONDS = 10.0
"""For how long such a body is read."""


class CoalescingTransport:
    """A connection's transport, which writes an answer's head and its first bytes at once.

    uvicorn writes the head by itself. Each write to a socket wakes its reader: that was a sixth of a move's time.
    """

    def __init__(self, transport: asyncio.Transport, protocol: TimeoutProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._head = b""
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write; a head waits for what follows it until the loop goes on."""
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
        """End the connection once all is written."""
        self._flush()
        self._protocol.end()

    def is_closing(self) -> bool:
        """Whether the connection ends."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class TimeoutProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on a peer's time, and on the number of connections.

    uvicorn times connections only from an answer to the next byte. Here a peer is cut that does not send the head of a
    request or its body in time, or that takes nothing of an answer.
    """

    settings: Settings
    connection_limit: ConnectionLimit
    _expected: Literal["head", "body"] | None = "head"
    _timer: asyncio.TimerHandle | None = None
    _body_since: float | None = None
    """When a body began that did not come with its head."""
    _body_bytes = 0
    _unread_since: float | None = None
    """When the answer to a request was complete whose body was not."""
    _unread_bytes = 0
    _close_after_body = False
    """Whether the connection ends once the rest of the body was read, or no more of it may come."""
    _stall_timer: asyncio.TimerHandle | None = None
    _unsent_bytes = 0
    _address = ""
    """The peer's address, where its connections are counted by it."""
    _over_limit = False
    """Whether the connection was beyond a limit when it came."""
    _by_proxy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer connects; where there is no room, it or another is cut."""
        super().connection_made(transport)
        self._coalescing = CoalescingTransport(transport, self)
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
        """Something came: mostly a whole request, which is answered now. After an answer, a line break is no request
        yet, but has ended uvicorn's own patience."""
        super().data_received(data)
        if self._expected is None and (self.cycle is None or not self.cycle.response_complete):
            return
        if self.transport.get_protocol() is not self:  # it became a WebSocket, which has its own patience
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
        """The head of a request is there."""
        self._expected = "body"
        self._body_since = self._unread_since = None
        if self._by_proxy:
            self.scope[LIMIT_SCOPE_KEY] = self.connection_limit  # type: ignore[literal-required]
        if self._over_limit and (refusal := self._refusal()) is not None:
            self.scope[REFUSAL_SCOPE_KEY] = refusal  # type: ignore[literal-required]
        super().on_headers_complete()
        if self.cycle is not None:  # None where the connection becomes a WebSocket
            self.cycle.transport = self._coalescing  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """A request is there."""
        super().on_message_complete()
        self._expected = None
        self._cancel_timer()
        self.connection_limit.idle.pop(self, None)
        if self._close_after_body:
            self.transport.close()
        elif self.cycle is not None and self.cycle.response_complete:  # it was answered before it was complete
            self.connection_limit.idle[self] = self.transport

    def on_response_complete(self) -> None:
        """A request is answered."""
        super().on_response_complete()
        if self._expected == "body":
            self._unread_since, self._unread_bytes = self.loop.time(), 0
            if self._close_after_body:
                self._unset_keepalive_if_required()
        if self.cycle.response_complete and not self.transport.is_closing():  # else a pipelined request goes on
            self.connection_limit.idle[self] = self.transport

    def handle_websocket_upgrade(self) -> None:
        """The connection becomes a WebSocket, which is counted on."""
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
        """End the connection once all is written, and what is still coming of a body was read."""
        if self._expected == "body" and not self.transport.is_closing() and self.transport.can_write_eof():
            self._close_after_body = True
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()
        self._watch_stall()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came in time."""
        super().timeout_keep_alive_handler()
        self._watch_stall()

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._watch_stall()

    def resume_writing(self) -> None:
        """The peer has taken most of what was written."""
        super().resume_writing()
        if self._stall_timer is not None and not self.transport.is_closing():
            self._stall_timer.cancel()
            self._stall_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._cancel_timer()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self.connection_limit.idle.pop(self, None)
        if self._address:
            self.connection_limit.remove_connection(self._address)
        super().connection_lost(exc)

    def _refusal(self) -> Any:
        return self.connection_limit.refusal_for(len(self.connections), self._address)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.settings.head_seconds, self._on_timeout)

    def _on_timeout(self) -> None:
        """The peer is late, unless it is this side that does not read."""
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
        """A part of a body came: cut the peer where it took too long, or sends what nobody reads for too long."""
        now, settings = self.loop.time(), self.settings
        if self._body_since is None:
            self._body_since, self._body_bytes = now, 0
        self._body_bytes += size
        elapsed = now - self._body_since
        late = elapsed > settings.body_seconds
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
        """Look again in a while whether the peer has taken anything of what waits for it."""
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


def protocol_with_timeout(settings: Settings, connection_limit: ConnectionLimit) -> type[Any]:
    """The protocol with these limits."""
    return type(
        "ConfiguredTimeoutProtocol", (TimeoutProtocol,), {"settings": settings, "connection_limit": connection_limit}
    )
