"""A WebSocket that a frame can be written to which was built once for many.

uvicorn's protocol object is reached through the request's scope. Where uvicorn has changed so that this is not possible
any longer, a socket falls back to `send_text`, message by message (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketState
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kanban_server.api.crowd import CROWD, CROWDED, Crowd
from kanban_server.live.channel import Writer
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent
    from websockets.frames import Frame

log = logging.getLogger("kanban.api")

EXTENSION = "kanban.protocol"
FRAGMENTS = 128
"""Fragments of one message, at most."""


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, which also shows itself to the application, and says when it can be written to."""

    resumed: Callable[[], None] | None = None
    stopped: Callable[[], None] | None = None
    _close_sent = False
    _crowd: Crowd | None = None
    _address = ""
    _refusal: Refusal | None = None
    _by_proxy = False
    _message_seconds = 10.0
    _stall_seconds = 30.0
    _late: asyncio.TimerHandle | None = None
    """Cuts the connection, where the rest of a message does not come, or the last frame is not taken."""

    def counted(self, crowd: Crowd, address: str, refusal: Refusal | None, by_proxy: bool) -> None:
        """The connection counts among those of its address; `refusal` says why it is one too many, if it is."""
        self._crowd, self._address, self._refusal, self._by_proxy = crowd, address, refusal, by_proxy

    def limit(self, message_seconds: float, stall_seconds: float) -> None:
        """A message may take so long to come, and the last frame to be taken."""
        self._message_seconds, self._stall_seconds = message_seconds, stall_seconds

    @property
    def close_sent(self) -> bool:
        """Whether the last frame was sent."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, sent: bool) -> None:
        self._close_sent = sent
        if sent:
            self._stop()
            self._cut_after(self._stall_seconds)  # closing waits for a peer to take what was written before

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._stop()
        self._in_time()
        if self._crowd is not None and self._address:
            self._crowd.leave(self._address)
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self.stopped is not None:
            self.stopped()

    async def run_asgi(self) -> None:
        """Run the application, with this protocol in its scope."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        if self._by_proxy:
            self.scope[CROWD] = self._crowd  # type: ignore[literal-required]
        if self._refusal is not None:
            self.scope[CROWDED] = self._refusal  # type: ignore[literal-required]
        await super().run_asgi()

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says. After a whole HTTP answer, uvicorn would report a handshake that failed."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

    def resume_writing(self) -> None:
        """The peer has taken what was written."""
        super().resume_writing()
        if self.resumed is not None:
            self.resumed()

    # What a peer sends

    def handle_text(self, event: Frame) -> None:
        """A message, or its beginning."""
        super().handle_text(event)
        self._in_parts(event)

    def handle_bytes(self, event: Frame) -> None:
        """A message that is no text, or its beginning."""
        super().handle_bytes(event)
        self._in_parts(event)

    def handle_cont(self, event: Frame) -> None:
        """A further part of a message."""
        super().handle_cont(event)
        self._in_parts(event)

    def handle_ping(self) -> None:
        """The peer asks whether this side lives: a peer that reads nothing is not answered, since answers pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def _in_parts(self, event: Frame) -> None:
        """Parts of a message are few, and its last one comes in time."""
        if self.close_sent:
            return
        if event.fin:
            self._in_time()
        elif len(self.frames) > FRAGMENTS:
            self._fail(1009, "too many fragments")
        elif self._late is None:
            self._late = self.loop.call_later(self._message_seconds, self._fail, 1011, "the message did not end")

    def _fail(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.frames = []
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _cut_after(self, seconds: float) -> None:
        self._in_time()
        self._late = self.loop.call_later(seconds, self.transport.abort)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def can_write_frames() -> bool:
    """Whether uvicorn is still what `DirectProtocol` takes it for; checked once, at the start."""
    expected = ("run_asgi", "pause_writing", "resume_writing", "connection_lost", "handle_connect")
    fits = all(hasattr(WebSocketsSansIOProtocol, name) for name in expected)
    if not fits:
        log.warning("This uvicorn is new to us: events are sent one by one, which is slower.")
    return fits


class Socket:
    """One accepted WebSocket."""

    __slots__ = ("_protocol", "fast", "websocket")

    def __init__(self, websocket: WebSocket, resumed: Callable[[], None], stopped: Callable[[], None]) -> None:
        self.websocket = websocket
        protocol = websocket.scope.get("extensions", {}).get(EXTENSION)
        fits = all(hasattr(protocol, name) for name in ("transport", "writable", "resumed", "stopped"))
        self._protocol: Any = protocol if fits else None
        if fits:
            protocol.resumed, protocol.stopped = resumed, stopped
        self.fast = fits
        """Whether `write` works."""

    def accepted(self) -> None:
        """Let go of what is of no use once the handshake is over: a socket is open for long."""
        if self._protocol is not None:
            self._protocol.request = self._protocol.response = None

    @property
    def open(self) -> bool:
        """Whether anything can still be sent."""
        if self._protocol is not None and (self._protocol.transport.is_closing() or self._protocol.close_sent):
            return False
        return self.websocket.application_state is WebSocketState.CONNECTED

    @property
    def transport(self) -> Writer:
        """What a fast socket writes to."""
        transport: Writer = self._protocol.transport
        return transport

    @property
    def ready(self) -> bool:
        """Whether a fast socket is open, and its peer has taken most of what was written before."""
        protocol = self._protocol
        return bool(protocol.writable.is_set()) and not protocol.close_sent and not protocol.transport.is_closing()

    def write(self, frames: bytes) -> None:
        """Write ready frames, on a fast socket."""
        self._protocol.transport.write(frames)

    async def drained(self) -> None:
        """Wait until the socket is writable, or gone."""
        if self._protocol is not None:
            await self._protocol.writable.wait()

    async def send(self, text: bytes) -> None:
        """Send one message."""
        await self.websocket.send_text(text.decode())

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a code; nothing where it is closed already."""
        if self.open:
            await self.websocket.close(code, reason)
