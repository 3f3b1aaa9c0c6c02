"""`/ws/connect`: boards' events as they happen, from any cursor on, several boards on one socket."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

from fastapi import WebSocket

from kanban_sdk.wire import limits
from kanban_server.api import closing, messages
from kanban_server.api.fields import field
from kanban_server.api.following import Following
from kanban_server.api.guard import actor_of, client_of
from kanban_server.api.known import ignored, is_strict, unknown_field, unknown_parameters
from kanban_server.api.parts import Parts
from kanban_server.api.place import Missed
from kanban_server.api.room import check_room
from kanban_server.api.roster import ended_in, not_authenticated, shown_of, viewer_of
from kanban_server.api.routes import SocketRoute
from kanban_server.api.sockets import Socket
from kanban_server.api.voice import Voice
from kanban_server.live.channel import text_frame
from kanban_server.rules.events import Logged
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock

PARAMETERS = frozenset({"username", "board_id", "client_id", "client", "after"})
FLOOD_PAUSE = 0.002
"""Seconds for which a client is not read that says where it is more often than counts."""


async def connect(websocket: WebSocket) -> None:
    """Open a stream; see the contract for what goes to and fro."""
    await Connection(websocket, websocket.app.state.parts).run()


route = SocketRoute("/ws/connect", connect)


class Connection:
    """One client's socket."""

    def __init__(self, websocket: WebSocket, parts: Parts) -> None:
        self._websocket = websocket
        self._settings = parts.settings
        self._hub = parts.hub
        self._notices = parts.notices
        self._presence = parts.presence
        self._roster = parts.roster
        self._shown = shown_of(websocket)
        self._viewer = viewer_of(websocket)
        self.owner = self._viewer.token_id
        self._query = websocket.query_params
        self.client = client_of(websocket, self._query.get("client")) or "other"
        self._tasks: set[asyncio.Task[None]] = set()
        self._showing: asyncio.Task[None] | None = None
        self.username = ""
        self.client_id = self._query.get("client_id") or secrets.token_hex(8)
        self.wants_presence = False
        self._socket = Socket(websocket, self._resumed, lambda: self.follower.stopped())
        self._voice = Voice(self._socket, self._start)
        self.follower = Following(
            self._socket,
            parts.hub,
            parts.database,
            self._viewer,
            start=self._start,
            ended=self._board_gone,
            missed=self._missed,
            failed=self._failed,
        )

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        unknown, refused = self._unknown()
        await self._websocket.accept(headers=[(b"kanban-ignored", ignored(unknown))] if unknown else None)
        self._socket.accepted()
        try:
            if refused is not None:
                raise refused
            if self._hub.closing:
                await self._socket.close(closing.RESTART, "the server stops")
            else:
                check_room(self._websocket)
                self._hub.open(self)
                await self._begin()
                await self._listen()
        except Refusal as refusal:
            self._voice.refuse(refusal)
            await self._socket.close(closing.code_for(refusal), refusal.type)
        finally:
            self._hub.leave(self)
            self._notices.listeners.discard(self)
            self._presence.leave(self)
            for task in self._tasks:
                task.cancel()

    def _unknown(self) -> tuple[list[str], Refusal | None]:
        """The parameters that are ignored, or why the request is refused."""
        try:
            unknown = unknown_parameters(self._websocket.scope["query_string"], PARAMETERS)
        except Refusal as refusal:
            return [], refusal
        if unknown and is_strict(field(self._websocket, b"prefer")):
            return [], unknown_field((unknown[0],), PARAMETERS, "query parameter")
        return unknown, None

    async def _begin(self) -> None:
        actor = actor_of(self._websocket, self._query.get("username"))
        self.username = actor.name
        self.wants_presence = self.client == "web"
        board_id, after = messages.number(self._query.get("board_id")), self._query.get("after")
        if board_id is None and after is not None:
            raise Refusal(
                "invalid-request",
                "A stream of all boards has no cursor.",
                fix="Name a board_id, or subscribe to each board with its own cursor.",
                field="after",
            )
        missed = None
        if board_id is None:
            await self.follower.everything()
        else:
            missed = await self.follower.follow(board_id, after)
        who = {"client_id": self.client_id, "username": self.username, "board_id": board_id}
        self._voice.say("connected", {**who, "server_time": clock(), "cursors": self.follower.cursors()})
        if missed is not None:
            self._missed(missed)
        elif board_id is not None:
            self._presence.enter(self, board_id)
        self.follower.go_on()
        self._notices.listeners.add(self)
        self._start(self._voice.beat(self._settings.heartbeat_seconds, self.follower.cursors))
        if await self._roster.viewer(self._shown) != self._viewer:  # it changed on the way
            await self.recheck()
        if self._viewer.until is not None:
            self._start(self._end_with_token(self._viewer.until))

    # What the hub calls

    def hear(self, event: Logged) -> None:
        """Tell of a new board that this stream does not follow: without a number, since it is not of its log."""
        if self._viewer.limited:
            self._start(self._hear_of(event))
        else:
            self._voice.tell_of(event)

    async def _hear_of(self, event: Logged) -> None:
        if await self.follower.may_see(event.board_id):
            self._voice.tell_of(event)

    def tell(self, message: bytes) -> None:
        """Pass a notice on."""
        self._voice.write(message)

    def end(self) -> None:
        """The server stops."""
        self._start(self._socket.close(closing.RESTART, "the server restarts"))

    async def recheck(self) -> None:
        """Who may see what has changed: go on with what may still be followed, or end."""
        viewer = await self._roster.viewer(self._shown)
        if viewer is None:
            if self._viewer.open:
                refusal, code = not_authenticated({}), closing.NOT_AUTHENTICATED
            else:
                refusal, code = Refusal("removed", "The token, or the session, has ended."), closing.REMOVED
            self._end_with(refusal, code)
            return
        if not viewer.open and self.username == self._viewer.name != viewer.name:
            self.username = viewer.name
            self._presence.rename(self)
        self._viewer = viewer
        lost = await self.follower.keep(viewer)
        for board_id in lost:
            self._presence.leave(self, board_id)
        if lost and self.follower.nothing:
            self._end_with(Refusal("removed", f"Board {lost[-1]} is no longer there for you."), closing.REMOVED)
            return
        for board_id in lost:
            self._voice.say("unsubscribed", {"board_id": board_id}, board_id=board_id)

    def _end_with(self, refusal: Refusal, code: int) -> None:
        """Send nothing more, say why, and close; nobody waits for a peer that does not read."""
        self._hub.leave(self)
        self.follower.leave_all()
        self._voice.refuse(refusal)
        self._start(self._socket.close(code, refusal.type))

    async def _end_with_token(self, until: str) -> None:
        await asyncio.sleep(ended_in(until))
        await self.recheck()

    # What presence calls

    def show(self, messages: list[bytes]) -> bool:
        """Send what nobody needs who is slow."""
        if not self._socket.open:
            return False
        if self._socket.fast:
            ready = self._socket.ready
            if ready:
                self._socket.write(b"".join(map(text_frame, messages)))
            return ready
        if self._showing is not None and not self._showing.done():
            return False
        self._showing = self._start(self._voice.send(messages))
        return True

    # What becomes of a followed board

    def _resumed(self) -> None:
        self.follower.go_on()
        self._presence.catch_up(self)

    def _missed(self, missed: Missed) -> None:
        standing = missed.standing
        self._hub.counts.resynced(missed.reason)
        self._presence.leave(self, standing.board_id)
        data = {"reason": missed.reason, "floor": standing.floor, "head": standing.seq}
        self._voice.say("resync", data, board_id=standing.board_id)

    async def _board_gone(self, board_id: int) -> None:
        self._presence.leave(self, board_id)
        if self.follower.nothing:
            await self._socket.close(closing.GONE, "the board was deleted")
        else:
            self._voice.say("unsubscribed", {"board_id": board_id}, board_id=board_id)

    async def _failed(self, refusal: Refusal) -> None:
        """The database is away: the client comes back and goes on from its cursor."""
        self._voice.refuse(refusal)
        await self._socket.close(closing.SILENT, refusal.type)

    # What the client says

    async def _listen(self) -> None:
        """Read what the client sends, always: an unread message would hold up its pongs."""
        pace = messages.Pace(self._settings.messages_per_second)
        places = messages.Pace(limits.PRESENCE_PER_SECOND)
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                said = messages.read(message.get("text"))
                if said.get("type") == "presence":
                    if not places.keeps():
                        await asyncio.sleep(FLOOD_PAUSE)  # more often than others are told; the newest counts
                    self._appear(said)
                    continue
                if not pace.keeps():
                    detail = f"More than {pace.rate} messages a second; this one was not read."
                    raise Refusal("too-many-messages", detail, fix="Send it again.", limit=pace.rate, retry_after=1)
                self._understand(said)
            except Refusal as refusal:
                self._voice.refuse(refusal)
                if refusal.type == "too-many-messages":
                    await asyncio.sleep(1 / pace.rate)  # the socket itself then slows the sender down

    def _understand(self, said: dict[str, Any]) -> None:
        kind = said.get("type")
        if kind == "ping":
            self._voice.say("pong", {"server_time": clock()})
        elif kind == "subscribe_board":
            self._start(self._subscribe(messages.board_of(said), said.get("after")))
        elif kind == "unsubscribe_board":
            self._start(self._unsubscribe(messages.board_of(said)))
        elif kind != "heartbeat_response":
            raise Refusal(
                "invalid-request",
                "The message is not a JSON object with a `type` that is known.",
                fix="Send ping, subscribe_board, unsubscribe_board, presence or heartbeat_response.",
            )

    def _appear(self, said: dict[str, Any]) -> None:
        """The client says where it is, and so understands where others are."""
        board_id = messages.board_of(said)
        if not self.follower.follows(board_id):
            detail = f"This connection does not follow board {board_id}, so it is not there."
            raise Refusal("invalid-request", detail, fix="Send subscribe_board first.", field="board_id")
        self.wants_presence = True
        self._presence.enter(self, board_id, messages.doing_of(said))
        self._presence.catch_up(self)

    async def _subscribe(self, board_id: int, after: object) -> None:
        try:
            missed = await self.follower.follow(board_id, None if after is None else str(after))
        except Refusal as refusal:
            self._voice.refuse(refusal)
            return
        if missed is not None:
            self._missed(missed)
        else:
            data = {"board_id": board_id, "cursor": self.follower.cursors()[str(board_id)]}
            self._voice.say("subscribed", data, board_id=board_id)
            self._presence.enter(self, board_id)
            self.follower.go_on()

    async def _unsubscribe(self, board_id: int) -> None:
        await self.follower.unfollow(board_id)
        self._presence.leave(self, board_id)
        self._voice.say("unsubscribed", {"board_id": board_id}, board_id=board_id)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
