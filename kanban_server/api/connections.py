"""HTTP connections that no slow or greedy peer can hold for ever, and whose answers leave in one write."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kanban_server.api.crowd import CROWD, CROWDED, Crowd
from kanban_server.api.sockets import DirectProtocol
from kanban_server.settings import Settings

SMALL = 65_536
"""Bytes of an answer's beginning that are copied to be written with its head."""
UNREAD_BYTES = 32 * 1024 * 1024
"""Bytes of a body that are read and thrown away behind an answer that did not wait for it, such as a 413. Many clients
send all of a body before they read the answer, and see a broken connection where nobody reads."""
UNREAD_SECONDS = 10.0
"""For how long such a body is read."""


class Together:
    """A connection's transport, which writes an answer's head and its first bytes at once.

    uvicorn writes the head by itself. Each write to a socket wakes its reader: that was a sixth of a move's time.
    """

    def __init__(self, transport: asyncio.Transport, protocol: PatientProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
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
        self._protocol.end()

    def is_closing(self) -> bool:
        """Whether the connection ends."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on a peer's time, and on the number of connections.

    uvicorn times connections only from an answer to the next byte. Here a peer is cut that does not send the head of a
    request or its body in time, or that takes nothing of an answer.
    """

    settings: Settings
    crowd: Crowd
    _awaited: Literal["head", "body"] | None = "head"
    _late: asyncio.TimerHandle | None = None
    _body_since: float | None = None
    """When a body began that did not come with its head."""
    _body_bytes = 0
    _unread_since: float | None = None
    """When the answer to a request was complete whose body was not."""
    _unread_bytes = 0
    _ending = False
    """Whether the connection ends once the rest of the body was read, or no more of it may come."""
    _stalled: asyncio.TimerHandle | None = None
    _untaken = 0
    _address = ""
    """The peer's address, where its connections are counted by it."""
    _beyond = False
    """Whether the connection was beyond a limit when it came."""
    _by_proxy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer connects; where there is no room, it or another is cut."""
        super().connection_made(transport)
        self._together = Together(transport, self)
        address = self.client[0] if self.client else ""
        self._by_proxy = bool(address) and self.crowd.is_proxy(address)
        self._address = "" if self._by_proxy else address
        few = not self._address or self.crowd.enter(self._address)
        if not few or not self.crowd.make_room(len(self.connections)):
            transport.abort()
            return
        self._beyond = self._refusal() is not None
        self.crowd.waiting[self] = transport
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Something came: mostly a whole request, which is answered now. After an answer, a line break is no request
        yet, but has ended uvicorn's own patience."""
        super().data_received(data)
        if self._awaited is None and (self.cycle is None or not self.cycle.response_complete):
            return
        if self.transport.get_protocol() is not self:  # it became a WebSocket, which has its own patience
            self._in_time()
        elif self._awaited == "body":
            self._take_body(len(data))
        elif self._late is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._awaited = "head"

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._awaited = "body"
        self._body_since = self._unread_since = None
        if self._by_proxy:
            self.scope[CROWD] = self.crowd  # type: ignore[literal-required]
        if self._beyond and (refusal := self._refusal()) is not None:
            self.scope[CROWDED] = refusal  # type: ignore[literal-required]
        super().on_headers_complete()
        if self.cycle is not None:  # None where the connection becomes a WebSocket
            self.cycle.transport = self._together  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """A request is there."""
        super().on_message_complete()
        self._awaited = None
        self._in_time()
        self.crowd.waiting.pop(self, None)
        if self._ending:
            self.transport.close()
        elif self.cycle is not None and self.cycle.response_complete:  # it was answered before it was complete
            self.crowd.waiting[self] = self.transport

    def on_response_complete(self) -> None:
        """A request is answered."""
        super().on_response_complete()
        if self._awaited == "body":
            self._unread_since, self._unread_bytes = self.loop.time(), 0
            if self._ending:
                self._unset_keepalive_if_required()
        if self.cycle.response_complete and not self.transport.is_closing():  # else a pipelined request goes on
            self.crowd.waiting[self] = self.transport

    def handle_websocket_upgrade(self) -> None:
        """The connection becomes a WebSocket, which is counted on."""
        super().handle_websocket_upgrade()
        self.crowd.waiting.pop(self, None)
        protocol = self.transport.get_protocol()
        if isinstance(protocol, DirectProtocol):
            protocol.counted(self.crowd, self._address, self._refusal() if self._beyond else None, self._by_proxy)
            protocol.limit(self.settings.head_seconds, self.settings.stall_seconds)
        elif self._address:
            self.crowd.leave(self._address)

    def end(self) -> None:
        """End the connection once all is written, and what is still coming of a body was read."""
        if self._awaited == "body" and not self.transport.is_closing() and self.transport.can_write_eof():
            self._ending = True
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()
        self._watch_taking()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came in time."""
        super().timeout_keep_alive_handler()
        self._watch_taking()

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        """The peer has taken most of what was written."""
        super().resume_writing()
        if self._stalled is not None and not self.transport.is_closing():
            self._stalled.cancel()
            self._stalled = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        if self._stalled is not None:
            self._stalled.cancel()
        self.crowd.waiting.pop(self, None)
        if self._address:
            self.crowd.leave(self._address)
        super().connection_lost(exc)

    def _refusal(self) -> Any:
        return self.crowd.why_not(len(self.connections), self._address)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.settings.head_seconds, self._cut)

    def _cut(self) -> None:
        """The peer is late, unless it is this side that does not read."""
        if self.flow.read_paused:
            self._body_since = None
            self._wait()
        else:
            self.transport.abort()

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _take_body(self, size: int) -> None:
        """A part of a body came: cut the peer where it took too long, or sends what nobody reads for too long."""
        now, settings = self.loop.time(), self.settings
        if self._body_since is None:
            self._body_since, self._body_bytes = now, 0
        self._body_bytes += size
        took = now - self._body_since
        late = took > settings.body_seconds
        late = late or self._body_bytes < (took - settings.head_seconds) * settings.body_rate
        if self._unread_since is not None:
            self._unread_bytes += size
            late = late or self._unread_bytes > UNREAD_BYTES or now - self._unread_since > UNREAD_SECONDS
        self._in_time()
        if late and not self.flow.read_paused:
            self.transport.abort()
        else:
            self._wait()

    def _watch_taking(self) -> None:
        """Look again in a while whether the peer has taken anything of what waits for it."""
        untaken = self.transport.get_write_buffer_size()
        if untaken and self._stalled is None:
            self._untaken = untaken
            self._stalled = self.loop.call_later(self.settings.stall_seconds, self._look_whether_taken)

    def _look_whether_taken(self) -> None:
        self._stalled = None
        if self.transport.get_write_buffer_size() < self._untaken:
            self._watch_taking()
        else:
            self.transport.abort()


def patient(settings: Settings, crowd: Crowd) -> type[Any]:
    """The protocol with these limits."""
    return type("Patient", (PatientProtocol,), {"settings": settings, "crowd": crowd})
