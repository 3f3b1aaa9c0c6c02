"""Server messages other than events, as the contract defines them: each an `event` with its `data`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import orjson

from kanban_server.clock import utc_now
from kanban_server.live.channel import text_frame
from kanban_server.live.transient_event import encode_transient_event
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.problems import Refusal
from kanban_server.websocket.subscriptions import StartTask
from kanban_server.websocket.transport import Socket


class ServerMessages:
    """Sends messages to one client, in order; none after the socket is closed."""

    def __init__(self, socket: Socket, start_task: StartTask) -> None:
        self._socket = socket
        self._start_task = start_task

    def send(self, name: str, data: Mapping[str, object], *, board_id: int | None = None) -> None:
        """Send a message that is not an event of a log."""
        extra_fields = {"cursors": data["cursors"]} if name == "heartbeat" else {}
        self.write(encode_transient_event(name, data, board_id=board_id, **extra_fields))

    def refuse(self, refusal: Refusal) -> None:
        """Send an `error` message with the problem."""
        self.send("error", {"message": refusal.detail, "problem": refusal.body()})

    def send_unnumbered(self, event: EncodedEvent) -> None:
        """Send an event without its number: the client is not subscribed to its log."""
        event_fields = orjson.loads(event.json)
        for name in ("seq", "cursor", "tx"):
            event_fields.pop(name)
        self.write(orjson.dumps(event_fields))

    def write(self, text: bytes) -> None:
        """Send an encoded message."""
        if not self._socket.open:
            return
        if self._socket.direct:
            self._socket.write(text_frame(text))
        else:
            self._start_task(self._socket.send(text))

    async def send_each(self, messages: list[bytes]) -> None:
        """Send messages one after the other, as fast as the peer reads."""
        for message in messages:
            await self._socket.send(message)

    async def run_heartbeat(self, seconds: float, cursors: Callable[[], dict[str, str]]) -> None:
        """Send the cursors periodically. Skipped while the send buffer is full."""
        while True:
            await asyncio.sleep(seconds)
            if not self._socket.direct or self._socket.ready:
                self.send("heartbeat", {"cursors": cursors(), "server_time": utc_now()})
