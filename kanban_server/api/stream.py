"""`/ws/connect`: a board's events as they happen, from any cursor on, several boards on one socket."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from kanban_server.actions import reading as readings
from kanban_server.api.guard import actor_of
from kanban_server.api.parts import Parts
from kanban_server.api.sockets import Socket
from kanban_server.live.hub import Channel, text_frame
from kanban_server.rules import cursors
from kanban_server.rules.events import Logged
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store.transaction import clock

log = logging.getLogger("kanban.stream")
router = APIRouter()

REPLAY = 100
"""Events that are read and written at a time while a stream catches up."""

BAD, SILENT, RESTART, FULL, GONE = 1007, 1011, 1012, 1013, 4410
"""Close codes: the request is malformed; no answer; the server stops; no room for another connection; no such board."""


@router.websocket("/ws/connect")
async def connect(websocket: WebSocket) -> None:
    """Open a stream; see the contract for what goes to and fro."""
    await Connection(websocket, websocket.app.state.parts).run()


class Follower:
    """Where a stream stands on one board."""

    def __init__(self, board_id: int, epoch: str, seq: int, *, behind: bool = False) -> None:
        self.board_id = board_id
        self.epoch = epoch
        self.seq = seq
        self.behind = behind
        """Whether there was more in the log when the cursor was set."""
        self.task: asyncio.Task[None] | None = None

    @property
    def cursor(self) -> str:
        """Everything up to here was sent."""
        return cursors.write(self.epoch, self.seq)


class Connection:
    """One client's socket: what it follows, and a cursor for each board."""

    def __init__(self, websocket: WebSocket, parts: Parts) -> None:
        self._websocket = websocket
        self._parts = parts
        self._hub = parts.hub
        self._socket = Socket(websocket, self._resumed)
        self._followers: dict[int, Follower] = {}
        self._everywhere = False
        self._unwanted: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        query = websocket.query_params
        self._client_id = query.get("client_id") or secrets.token_hex(8)
        self._query = query

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        await self._websocket.accept()
        try:
            actor = self._actor()
            if self._hub.closing:
                await self._socket.close(RESTART, "the server stops")
                return
            if self._hub.count() >= self._parts.settings.connections:
                limit = self._parts.settings.connections
                full = Refusal("too-many-connections", f"The server has its {limit} connections.", limit=limit)
                await self._refuse(full)
                await self._socket.close(FULL, "no room")
                return
            self._hub.open(self)
            await self._begin(actor)
        except Refusal as refusal:
            await self._refuse(refusal)
            await self._socket.close(GONE if refusal.type == "not-found" else BAD, refusal.type)
        except WebSocketDisconnect:
            pass
        finally:
            self._hub.leave(self)
            for task in self._tasks:
                task.cancel()

    def _actor(self) -> Actor:
        return actor_of(self._websocket, self._query.get("username"))

    async def _begin(self, actor: Actor) -> None:
        board_id, after = self._number(self._query.get("board_id")), self._query.get("after")
        if board_id is None and after is not None:
            raise Refusal(
                "invalid-request",
                "A stream of all boards has no cursor.",
                fix="Name a board_id, or subscribe to each board with its own cursor.",
                field="after",
            )
        missed = await self._follow_first(board_id, after)
        self._say(
            "connected",
            {
                "client_id": self._client_id,
                "username": actor.name,
                "board_id": board_id,
                "server_time": clock(),
                "cursors": self._cursors(),
            },
        )
        if missed is not None:
            self._say("resync", missed, board_id=board_id)
        self._go_on()
        self._start(self._beat())
        await self._listen()

    async def _follow_first(self, board_id: int | None, after: str | None) -> dict[str, Any] | None:
        if board_id is not None:
            return await self._follow(board_id, after)
        self._hub.follow(self, None)
        for standing in await self._parts.database.read(readings.heads):
            self._followers[standing.board_id] = Follower(standing.board_id, standing.epoch, standing.seq)
        self._everywhere = True
        return None

    async def _follow(self, board_id: int, after: str | None) -> dict[str, Any] | None:
        """Follow a board from a cursor, or from now. Where the cursor can't be served, say why and follow nothing."""
        self._hub.follow(self, board_id)  # first register, then read: what happens meanwhile is not missed
        try:
            standing = await self._parts.database.read(readings.standing, board_id)
            if standing.deleted and after is None:
                raise Refusal("not-found", f"There is no board {board_id}.", fix="List the boards.")
            cursor = cursors.read(after) if after is not None else None
        except Refusal:
            self._hub.unfollow(self, board_id)
            raise
        reason = standing.why_not(cursor) if cursor else None
        if reason is not None:
            self._hub.unfollow(self, board_id)
            return {"reason": reason, "floor": standing.floor, "head": standing.seq}
        self._stop_following(board_id)
        self._hub.follow(self, board_id)
        self._unwanted.discard(board_id)
        seq = standing.seq if cursor is None else cursor.seq
        self._followers[board_id] = Follower(
            board_id, standing.epoch, seq, behind=standing.deleted or seq < standing.seq
        )
        return None

    def _stop_following(self, board_id: int) -> None:
        follower = self._followers.pop(board_id, None)
        if follower is not None and follower.task is not None:
            follower.task.cancel()
        self._hub.unfollow(self, board_id)

    # What the hub calls

    def advance(self, channel: Channel) -> None:
        """Write what the channel has beyond this stream's cursor, if the socket can take it now."""
        follower = self._followers.get(channel.board_id)
        if follower is None:
            if not self._everywhere or channel.deleted or channel.board_id in self._unwanted or not channel.ring:
                return
            follower = self._adopt(channel.ring[-1])
        if follower.task is not None or follower.seq >= channel.head:
            return
        if not self._socket.fast:
            self._catch_up(follower)
            return
        if not self._socket.open or not self._socket.writable:
            return  # `_resumed` goes on from the cursor
        frames = channel.frames_after(follower.seq)
        if frames is None:
            self._catch_up(follower)
            return
        self._socket.write(frames)
        follower.seq = channel.head
        if channel.deleted:
            self._start(self._board_gone(follower))

    def _adopt(self, event: Logged) -> Follower:
        """Begin to follow a board that came to be after this stream did, from its first event."""
        epoch = orjson.loads(event.json)["cursor"].rpartition("-")[0]
        return self._followers.setdefault(event.board_id, Follower(event.board_id, epoch, 0))

    def hear(self, event: Logged) -> None:
        """Tell of a new board that this stream does not follow: without a number, since it is not of its log."""
        said = orjson.loads(event.json)
        for name in ("seq", "cursor", "tx"):
            said.pop(name)
        self._write(orjson.dumps(said))

    def end(self) -> None:
        """The server stops."""
        self._start(self._socket.close(RESTART, "the server restarts"))

    def _resumed(self) -> None:
        """Write what has come about while the socket could not take it."""
        for channel in self._hub.channels():
            self.advance(channel)

    # Catching up

    def _go_on(self) -> None:
        """Start from the cursors that were just set: through the journal, which alone knows what is behind them."""
        for follower in self._followers.values():
            if follower.behind and follower.task is None:
                self._catch_up(follower)
        self._resumed()

    def _catch_up(self, follower: Follower) -> None:
        follower.behind = False
        follower.task = self._start(self._replay(follower))

    async def _replay(self, follower: Follower) -> None:
        try:
            while True:
                await self._socket.drained()
                if not self._socket.open:
                    return
                events = await self._hub.after(follower.board_id, follower.seq, REPLAY)
                if not events:
                    if self._hub.channel(follower.board_id).head > follower.seq:
                        continue  # it grew while the journal was read
                    return
                if events[0].seq != follower.seq + 1:
                    await self._trimmed(follower)
                    return
                if not await self._send_all(follower, events):
                    continue
                if events[-1].name == "board_deleted":
                    await self._board_gone(follower)
                    return
        except Refusal as refusal:
            await self._refuse(refusal)  # the database is away; the client resumes from its cursor
            await self._socket.close(SILENT, refusal.type)
        finally:
            follower.task = None

    async def _send_all(self, follower: Follower, events: list[Logged]) -> bool:
        """Send events as long as the socket takes them; False where it stopped on the way."""
        for event in events:
            if self._socket.fast:
                if not self._socket.open or not self._socket.writable:
                    return False
                self._socket.write(text_frame(event.json))
            else:
                await self._socket.send(event.json)
            follower.seq = event.seq
        return True

    async def _trimmed(self, follower: Follower) -> None:
        standing = await self._parts.database.read(readings.standing, follower.board_id)
        self._stop_following(follower.board_id)
        self._say(
            "resync",
            {"reason": "trimmed", "floor": standing.floor, "head": standing.seq},
            board_id=follower.board_id,
        )

    async def _board_gone(self, follower: Follower) -> None:
        self._followers.pop(follower.board_id, None)
        self._hub.unfollow(self, follower.board_id)
        if self._followers or self._everywhere:
            self._say("unsubscribed", {"board_id": follower.board_id}, board_id=follower.board_id)
        else:
            await self._socket.close(GONE, "the board was deleted")

    # What the client says

    async def _listen(self) -> None:
        """Read what the client sends, always: an unread message would hold up its pongs."""
        loop = asyncio.get_running_loop()
        rate = self._parts.settings.messages_per_second
        budget, counted_at = float(rate), loop.time()
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            now = loop.time()
            budget, counted_at = min(float(rate), budget + (now - counted_at) * rate), now
            if budget < 1:
                await self._refuse(
                    Refusal("too-many-messages", f"More than {rate} messages a second.", limit=rate, retry_after=1)
                )
                await asyncio.sleep(1 / rate)
                continue
            budget -= 1
            try:
                self._understand(message.get("text"))
            except Refusal as refusal:
                await self._refuse(refusal)

    def _understand(self, text: str | None) -> None:
        try:
            said = orjson.loads(text or "")
        except orjson.JSONDecodeError as error:
            raise Refusal("invalid-request", "The message is not JSON.", fix='Send {"type": "ping"}.') from error
        kind = said.get("type") if isinstance(said, dict) else None
        if kind == "ping":
            self._say("pong", {"server_time": clock()})
        elif kind == "heartbeat_response":
            return
        elif kind == "subscribe_board":
            self._start(self._subscribe(said))
        elif kind == "unsubscribe_board":
            board_id = self._wanted(said)
            self._unwanted.add(board_id)
            self._stop_following(board_id)
            self._say("unsubscribed", {"board_id": board_id}, board_id=board_id)
        else:
            raise Refusal(
                "invalid-request",
                "The message's type is not known.",
                fix="Send ping, subscribe_board, unsubscribe_board or heartbeat_response.",
            )

    async def _subscribe(self, said: dict[str, Any]) -> None:
        try:
            board_id, after = self._wanted(said), said.get("after")
            missed = await self._follow(board_id, None if after is None else str(after))
        except Refusal as refusal:
            await self._refuse(refusal)
            return
        if missed is not None:
            self._say("resync", missed, board_id=board_id)
            return
        self._say("subscribed", {"board_id": board_id, "cursor": self._followers[board_id].cursor}, board_id=board_id)
        self._go_on()

    def _wanted(self, said: dict[str, Any]) -> int:
        board_id = self._number(said.get("board_id"))
        if board_id is None:
            raise Refusal("invalid-request", "`board_id` is missing.", fix="Name the board.", field="board_id")
        return board_id

    def _number(self, given: object) -> int | None:
        if given is None or given == "":
            return None
        text = str(given)
        if text.isascii() and text.isdigit() and len(text) < 16:
            return int(text)
        raise Refusal("invalid-request", "`board_id` is not a number.", fix="Send a board's id.", field="board_id")

    # What the server says

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._parts.settings.heartbeat_seconds)
            if self._socket.fast and not self._socket.writable:
                continue  # a bookmark behind what is not read yet would wait with it
            self._say("heartbeat", {"cursors": self._cursors(), "server_time": clock()})

    def _cursors(self) -> dict[str, str]:
        return {str(follower.board_id): follower.cursor for follower in self._followers.values()}

    def _say(self, name: str, data: dict[str, Any], *, board_id: int | None = None) -> None:
        message: dict[str, Any] = {"event": name, "type": name, "data": data, "timestamp": clock()}
        if board_id is not None:
            message["board_id"] = board_id
        if name == "heartbeat":
            message["cursors"] = data["cursors"]
        self._write(orjson.dumps(message))

    async def _refuse(self, refusal: Refusal) -> None:
        self._say("error", {"message": refusal.detail, "problem": refusal.body()})

    def _write(self, text: bytes) -> None:
        if not self._socket.open:
            return
        if self._socket.fast:
            self._socket.write(text_frame(text))
        else:
            self._start(self._socket.send(text))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
