"""What the server says on one socket beside the events: the contract's messages, each an `event` with its `data`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from kanban_server.api.following import Start
from kanban_server.api.sockets import Socket
from kanban_server.live.channel import text_frame
from kanban_server.rules.events import Logged, passing
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock


class Voice:
    """Says things to one client, in their order, and nothing once the socket is closed."""

    def __init__(self, socket: Socket, start: Start) -> None:
        self._socket = socket
        self._start = start

    def say(self, name: str, data: dict[str, Any], *, board_id: int | None = None) -> None:
        """Say something that is no event of a log."""
        more = {"cursors": data["cursors"]} if name == "heartbeat" else {}
        self.write(passing(name, data, board_id=board_id, **more))

    def refuse(self, refusal: Refusal) -> None:
        """Say why something was not done."""
        self.say("error", {"message": refusal.detail, "problem": refusal.body()})

    def tell_of(self, event: Logged) -> None:
        """Say that an event was, without a number: it is not of a log that the client follows."""
        said = orjson.loads(event.json)
        for name in ("seq", "cursor", "tx"):
            said.pop(name)
        self.write(orjson.dumps(said))

    def write(self, text: bytes) -> None:
        """Send a message that is built already."""
        if not self._socket.open:
            return
        if self._socket.fast:
            self._socket.write(text_frame(text))
        else:
            self._start(self._socket.send(text))

    async def send(self, messages: list[bytes]) -> None:
        """Send messages one by one, as the peer takes them."""
        for message in messages:
            await self._socket.send(message)

    async def beat(self, seconds: float, cursors: Callable[[], dict[str, str]]) -> None:
        """Say where the client stands, again and again, unless it would wait behind what was not read yet."""
        while True:
            await asyncio.sleep(seconds)
            if not self._socket.fast or self._socket.ready:
                self.say("heartbeat", {"cursors": cursors(), "server_time": clock()})
