"""`/ws/connect`: live events of several boards on one socket, each from a cursor."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine

from starlette.websockets import WebSocket

from kanban_sdk.wire import limits
from kanban_server.clock import utc_now
from kanban_server.entry import close_codes
from kanban_server.entry.actor import actor_of, client_of
from kanban_server.entry.authentication import credential_of, not_authenticated, seconds_until, viewer_of
from kanban_server.entry.state import State
from kanban_server.entry.stream_limit import check_stream_limit
from kanban_server.entry.unknown_fields import ignored_header
from kanban_server.live.channel import text_frame
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.problems import Refusal
from kanban_server.websocket import client_messages
from kanban_server.websocket.parameters import ignored_parameters, parse_position
from kanban_server.websocket.read_cursor import Resync
from kanban_server.websocket.route import BareWebSocketRoute
from kanban_server.websocket.server_messages import ServerMessages
from kanban_server.websocket.subscriptions import Subscriptions
from kanban_server.websocket.transport import Socket

FLOOD_PAUSE_SECONDS = 0.002
"""Pause before reading more from a client that sends presence messages above the rate."""


async def connect(websocket: WebSocket) -> None:
    """Serve one connection; the contract defines the messages."""
    await Connection(websocket, websocket.app.state.server).run()


route = BareWebSocketRoute("/ws/connect", connect)


class Connection:
    """One client's connection."""

    def __init__(self, websocket: WebSocket, state: State) -> None:
        self._websocket = websocket
        self._settings = state.settings
        self._hub = state.hub
        self._notices = state.notices
        self._presence = state.presence
        self._authenticator = state.authenticator
        self._credential = credential_of(websocket)
        self._viewer = viewer_of(websocket)
        self.owner = self._viewer.token_id
        self._query = websocket.query_params
        self.client = client_of(websocket, self._query.get("client")) or "other"
        self._tasks: set[asyncio.Task[None]] = set()
        self._presence_task: asyncio.Task[None] | None = None
        self.username = ""
        self.client_id = self._query.get("client_id") or secrets.token_hex(8)
        self.wants_presence = False
        self._socket = Socket(websocket, self._on_writable, lambda: self.subscriber.pause())
        self._messages = ServerMessages(self._socket, self._start_task)
        self.subscriber = Subscriptions(
            self._socket,
            state.hub,
            state.database,
            self._viewer,
            start_task=self._start_task,
            on_board_deleted=self._on_board_deleted,
            on_resync=self._send_resync,
            on_database_error=self._on_database_error,
        )

    async def run(self) -> None:
        """Serve the client until either side closes."""
        unknown, refused = ignored_parameters(self._websocket)
        await self._websocket.accept(headers=[(b"kanban-ignored", ignored_header(unknown))] if unknown else None)
        self._socket.release_handshake()
        try:
            if refused is not None:
                raise refused
            if self._hub.closing:
                await self._socket.close(close_codes.SERVICE_RESTART, "the server stops")
            else:
                check_stream_limit(self._websocket)
                self._hub.add_stream(self)
                await self._open_stream()
                await self._receive_messages()
        except Refusal as refusal:
            self._messages.refuse(refusal)
            await self._socket.close(close_codes.close_code_for(refusal), refusal.type)
        finally:
            self._hub.remove_stream(self)
            self._notices.listeners.discard(self)
            self._presence.leave(self)
            for task in self._tasks:
                task.cancel()

    async def _open_stream(self) -> None:
        actor = actor_of(self._websocket, self._query.get("username"))
        self.username = actor.name
        self.wants_presence = self.client == "web"
        board_id, after = parse_position(self._query)
        resync = None
        if board_id is None:
            await self.subscriber.subscribe_all()
        else:
            resync = await self.subscriber.subscribe(board_id, after)
        identity = {"client_id": self.client_id, "username": self.username, "board_id": board_id}
        self._messages.send("connected", {**identity, "server_time": utc_now(), "cursors": self.subscriber.cursors()})
        if resync is not None:
            self._send_resync(resync)
        elif board_id is not None:
            self._presence.enter(self, board_id)
        self.subscriber.resume()
        self._notices.listeners.add(self)
        self._start_task(self._messages.run_heartbeat(self._settings.heartbeat_seconds, self.subscriber.cursors))
        if await self._authenticator.viewer(self._credential) != self._viewer:  # it changed meanwhile
            await self.reauthorize()
        if self._viewer.until is not None:
            self._start_task(self._reauthorize_at(self._viewer.until))

    # Called by the hub

    def on_board_created(self, event: EncodedEvent) -> None:
        """Announce a board without a subscription; the event has no number, since it is of another log."""
        if self._viewer.is_limited:
            self._start_task(self._announce_if_visible(event))
        else:
            self._messages.send_unnumbered(event)

    async def _announce_if_visible(self, event: EncodedEvent) -> None:
        if await self.subscriber.may_see(event.board_id):
            self._messages.send_unnumbered(event)

    def send_notice(self, message: bytes) -> None:
        """Send a notice."""
        self._messages.write(message)

    def stop(self) -> None:
        """Close, since the server stops."""
        self._start_task(self._socket.close(close_codes.SERVICE_RESTART, "the server restarts"))

    async def reauthorize(self) -> None:
        """Permissions have changed: keep the boards that are still visible, or close."""
        viewer = await self._authenticator.viewer(self._credential)
        if viewer is None:
            if self._viewer.open:
                refusal, code = not_authenticated({}), close_codes.NOT_AUTHENTICATED
            else:
                refusal, code = Refusal("removed", "The token, or the session, has ended."), close_codes.ACCESS_REMOVED
            self._refuse_and_close(refusal, code)
            return
        if not viewer.open and self.username == self._viewer.name != viewer.name:
            self.username = viewer.name
            self._presence.rename(self)
        self._viewer = viewer
        lost_boards = await self.subscriber.reauthorize(viewer)
        for board_id in lost_boards:
            self._presence.leave(self, board_id)
        if lost_boards and self.subscriber.is_empty:
            self._refuse_and_close(
                Refusal("removed", f"Board {lost_boards[-1]} is no longer there for you."), close_codes.ACCESS_REMOVED
            )
            return
        for board_id in lost_boards:
            self._messages.send("unsubscribed", {"board_id": board_id}, board_id=board_id)

    def _refuse_and_close(self, refusal: Refusal, code: int) -> None:
        """Unsubscribe, send the refusal and close, without waiting for a peer that does not read."""
        self._hub.remove_stream(self)
        self.subscriber.unsubscribe_all()
        self._messages.refuse(refusal)
        self._start_task(self._socket.close(code, refusal.type))

    async def _reauthorize_at(self, until: str) -> None:
        await asyncio.sleep(seconds_until(until))
        await self.reauthorize()

    # Called by presence

    def send_presence(self, messages: list[bytes]) -> bool:
        """Send droppable messages; False if the client is not ready."""
        if not self._socket.open:
            return False
        if self._socket.direct:
            ready = self._socket.ready
            if ready:
                self._socket.write(b"".join(map(text_frame, messages)))
            return ready
        if self._presence_task is not None and not self._presence_task.done():
            return False
        self._presence_task = self._start_task(self._messages.send_each(messages))
        return True

    # Called for subscribed boards

    def _on_writable(self) -> None:
        self.subscriber.resume()
        self._presence.send_missing_lists(self)

    def _send_resync(self, resync: Resync) -> None:
        bounds = resync.bounds
        self._hub.counts.count_resync(resync.reason)
        self._presence.leave(self, bounds.board_id)
        data = {"reason": resync.reason, "floor": bounds.floor, "head": bounds.seq}
        self._messages.send("resync", data, board_id=bounds.board_id)

    async def _on_board_deleted(self, board_id: int) -> None:
        self._presence.leave(self, board_id)
        if self.subscriber.is_empty:
            await self._socket.close(close_codes.BOARD_GONE, "the board was deleted")
        else:
            self._messages.send("unsubscribed", {"board_id": board_id}, board_id=board_id)

    async def _on_database_error(self, refusal: Refusal) -> None:
        """Close, since the database is away: the client reconnects with its cursor."""
        self._messages.refuse(refusal)
        await self._socket.close(close_codes.UNAVAILABLE, refusal.type)

    # Messages from the client

    async def _receive_messages(self) -> None:
        """Read messages continuously: an unread message would delay pongs."""
        message_limit = client_messages.MessageRateLimit(self._settings.messages_per_second)
        presence_limit = client_messages.MessageRateLimit(limits.PRESENCE_PER_SECOND)
        while True:
            asgi_message = await self._websocket.receive()
            if asgi_message["type"] == "websocket.disconnect":
                return
            try:
                message = client_messages.parse_message(asgi_message.get("text"))
                if message.get("type") == "presence":
                    if not presence_limit.allow():
                        await asyncio.sleep(FLOOD_PAUSE_SECONDS)  # above the rate sent to others; the newest counts
                    self._handle_presence(message)
                    continue
                if not message_limit.allow():
                    detail = f"More than {message_limit.rate} messages a second; this one was not read."
                    raise Refusal(
                        "too-many-messages", detail, fix="Send it again.", limit=message_limit.rate, retry_after=1
                    )
                self._handle_message(message)
            except Refusal as refusal:
                self._messages.refuse(refusal)
                if refusal.type == "too-many-messages":
                    await asyncio.sleep(1 / message_limit.rate)  # TCP backpressure slows the sender down

    def _handle_message(self, message: client_messages.Message) -> None:
        message_type = message.get("type")
        if message_type == "ping":
            self._messages.send("pong", {"server_time": utc_now()})
        elif message_type == "subscribe_board":
            self._start_task(self._subscribe(client_messages.board_id_of(message), message.get("after")))
        elif message_type == "unsubscribe_board":
            self._start_task(self._unsubscribe(client_messages.board_id_of(message)))
        elif message_type != "heartbeat_response":
            raise Refusal(
                "invalid-request",
                "The message is not a JSON object with a `type` that is known.",
                fix="Send ping, subscribe_board, unsubscribe_board, presence or heartbeat_response.",
            )

    def _handle_presence(self, message: client_messages.Message) -> None:
        """Update the client's activity; a client that sends presence also receives it."""
        board_id = client_messages.board_id_of(message)
        if not self.subscriber.is_subscribed(board_id):
            detail = f"This connection does not follow board {board_id}, so it is not there."
            raise Refusal("invalid-request", detail, fix="Send subscribe_board first.", field="board_id")
        self.wants_presence = True
        self._presence.enter(self, board_id, client_messages.activity_of(message))
        self._presence.send_missing_lists(self)

    async def _subscribe(self, board_id: int, after: object) -> None:
        try:
            resync = await self.subscriber.subscribe(board_id, None if after is None else str(after))
        except Refusal as refusal:
            self._messages.refuse(refusal)
            return
        if resync is not None:
            self._send_resync(resync)
        else:
            data = {"board_id": board_id, "cursor": self.subscriber.cursors()[str(board_id)]}
            self._messages.send("subscribed", data, board_id=board_id)
            self._presence.enter(self, board_id)
            self.subscriber.resume()

    async def _unsubscribe(self, board_id: int) -> None:
        await self.subscriber.unsubscribe(board_id)
        self._presence.leave(self, board_id)
        self._messages.send("unsubscribed", {"board_id": board_id}, board_id=board_id)

    def _start_task(self, coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
