"""A WebSocket that a frame can be written to which was built once for many.

uvicorn's protocol object is reached through the request's scope. Where uvicorn has changed so that this is not possible
any longer, a socket falls back to `send_text`, message by message (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketState
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kanban_server.live.channel import Writer

log = logging.getLogger("kanban.api")

EXTENSION = "kanban.protocol"


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, which also shows itself to the application, and says when it can be written to."""

    resumed: Callable[[], None] | None = None
    stopped: Callable[[], None] | None = None
    _close_sent = False

    @property
    def close_sent(self) -> bool:
        """Whether the last frame was sent."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, sent: bool) -> None:
        self._close_sent = sent
        if sent:
            self._stop()

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self.stopped is not None:
            self.stopped()

    async def run_asgi(self) -> None:
        """Run the application, with this protocol in its scope."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        await super().run_asgi()

    def resume_writing(self) -> None:
        """The peer has taken what was written."""
        super().resume_writing()
        if self.resumed is not None:
            self.resumed()


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
