"""A WebSocket to which frames that are built once for many readers can be written.

uvicorn's protocol object is reached through the request's scope. If a new uvicorn makes that impossible, a socket
falls back to `send_text`, message by message (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from starlette.websockets import WebSocket, WebSocketState
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kanban_server.entry.connection_limit import LIMIT_SCOPE_KEY, REFUSAL_SCOPE_KEY, ConnectionLimit
from kanban_server.live.channel import FrameWriter
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent
    from websockets.frames import Frame

log = logging.getLogger("kanban.api")

PROTOCOL_SCOPE_KEY = "kanban.protocol"
"""Scope key of the DirectProtocol of a WebSocket."""
FRAGMENTS = 128
"""Maximum fragments of one message."""


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, reachable for the application, with callbacks when it blocks or becomes writable."""

    on_writable: Callable[[], None] | None = None
    on_blocked: Callable[[], None] | None = None
    _close_sent = False
    _connection_limit: ConnectionLimit | None = None
    _address = ""
    _refusal: Refusal | None = None
    _by_proxy = False
    _message_seconds = 10.0
    _stall_seconds = 30.0
    _deadline_timer: asyncio.TimerHandle | None = None
    """Closes the connection where the rest of a message does not arrive, or the last frame is not read."""

    def set_connection_limit(
        self, connection_limit: ConnectionLimit, address: str, refusal: Refusal | None, by_proxy: bool
    ) -> None:
        """Count the connection under its address; `refusal` is set where it is beyond a limit."""
        self._connection_limit, self._address, self._refusal, self._by_proxy = (
            connection_limit,
            address,
            refusal,
            by_proxy,
        )

    def limit(self, message_seconds: float, stall_seconds: float) -> None:
        """Set the seconds that a message may take to arrive, and that the peer may take to read the last frame."""
        self._message_seconds, self._stall_seconds = message_seconds, stall_seconds

    @property
    def close_sent(self) -> bool:
        """Whether the close frame was sent."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, sent: bool) -> None:
        self._close_sent = sent
        if sent:
            self._notify_blocked()
            self._cut_connection_after(self._stall_seconds)  # closing waits for the peer to read earlier data

    def pause_writing(self) -> None:
        """The send buffer is full."""
        super().pause_writing()
        self._notify_blocked()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._notify_blocked()
        self._cancel_timer()
        if self._connection_limit is not None and self._address:
            self._connection_limit.remove_connection(self._address)
        super().connection_lost(exc)

    def _notify_blocked(self) -> None:
        if self.on_blocked is not None:
            self.on_blocked()

    async def run_asgi(self) -> None:
        """Run the application, with this protocol in the scope."""
        scope = cast("dict[str, object]", self.scope)
        scope[PROTOCOL_SCOPE_KEY] = self
        if self._by_proxy:
            scope[LIMIT_SCOPE_KEY] = self._connection_limit
        if self._refusal is not None:
            scope[REFUSAL_SCOPE_KEY] = self._refusal
        await super().run_asgi()

    async def send(self, message: ASGISendEvent) -> None:
        """Send the application's message. After a complete HTTP response uvicorn would log a failed handshake."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

    def resume_writing(self) -> None:
        """The send buffer has room again."""
        super().resume_writing()
        if self.on_writable is not None:
            self.on_writable()

    # Frames from the peer

    def handle_text(self, event: Frame) -> None:
        """A text message or its first fragment."""
        super().handle_text(event)
        self._check_fragments(event)

    def handle_bytes(self, event: Frame) -> None:
        """A binary message or its first fragment."""
        super().handle_bytes(event)
        self._check_fragments(event)

    def handle_cont(self, event: Frame) -> None:
        """A further fragment."""
        super().handle_cont(event)
        self._check_fragments(event)

    def handle_ping(self) -> None:
        """Answer a ping, but not of a peer that does not read: pongs would pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def _check_fragments(self, event: Frame) -> None:
        """Limit the number of fragments and the time until the last one."""
        if self.close_sent:
            return
        if event.fin:
            self._cancel_timer()
        elif len(self.frames) > FRAGMENTS:
            self._fail(1009, "too many fragments")
        elif self._deadline_timer is None:
            self._deadline_timer = self.loop.call_later(
                self._message_seconds, self._fail, 1011, "the message did not end"
            )

    def _fail(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.frames = []
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _cut_connection_after(self, seconds: float) -> None:
        self._cancel_timer()
        self._deadline_timer = self.loop.call_later(seconds, self.transport.abort)

    def _cancel_timer(self) -> None:
        if self._deadline_timer is not None:
            self._deadline_timer.cancel()
            self._deadline_timer = None


def can_write_frames() -> bool:
    """Whether uvicorn has the methods that `DirectProtocol` overrides; checked once, at the start."""
    expected = ("run_asgi", "pause_writing", "resume_writing", "connection_lost", "handle_connect")
    is_compatible = all(hasattr(WebSocketsSansIOProtocol, name) for name in expected)
    if not is_compatible:
        log.warning("This uvicorn is new to us: events are sent one by one, which is slower.")
    return is_compatible


class Socket:
    """One accepted WebSocket."""

    __slots__ = ("_protocol", "direct", "websocket")

    def __init__(self, websocket: WebSocket, on_writable: Callable[[], None], on_blocked: Callable[[], None]) -> None:
        self.websocket = websocket
        self._protocol: DirectProtocol | None = websocket.scope.get(PROTOCOL_SCOPE_KEY)
        if self._protocol is not None:
            self._protocol.on_writable, self._protocol.on_blocked = on_writable, on_blocked
        self.direct = self._protocol is not None
        """Whether frames can be written directly (`write`)."""

    def release_handshake(self) -> None:
        """Free the handshake's request and response: a socket is open for long."""
        if self._protocol is not None:
            for name in ("request", "response"):
                setattr(self._protocol, name, None)

    @property
    def open(self) -> bool:
        """Whether messages can still be sent."""
        if self._protocol is not None and (self._protocol.transport.is_closing() or self._protocol.close_sent):
            return False
        return self.websocket.application_state is WebSocketState.CONNECTED

    @property
    def transport(self) -> FrameWriter:
        """The transport of a direct socket."""
        assert self._protocol is not None
        return self._protocol.transport

    @property
    def ready(self) -> bool:
        """Whether a direct socket is open and its send buffer is not full."""
        protocol = self._protocol
        assert protocol is not None
        return protocol.writable.is_set() and not protocol.close_sent and not protocol.transport.is_closing()

    def write(self, frames: bytes) -> None:
        """Write encoded frames to a direct socket."""
        assert self._protocol is not None
        self._protocol.transport.write(frames)

    async def wait_until_writable(self) -> None:
        """Wait until the socket is writable or closed."""
        if self._protocol is not None:
            await self._protocol.writable.wait()

    async def send(self, text: bytes) -> None:
        """Send one message."""
        await self.websocket.send_text(text.decode())

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a code, unless it is already closed."""
        if self.open:
            await self.websocket.close(code, reason)
