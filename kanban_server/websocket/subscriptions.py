"""The boards that one socket follows, with a cursor for each.

What the hub has at hand is written at once; what lies further back is read from the journal and written as fast as the
peer takes it. Either way the next event is the one behind the cursor, so there is one path and no seam.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from kanban_server.actions import queries
from kanban_server.actions.queries import LogBounds
from kanban_server.live.channel import Channel, text_frame
from kanban_server.live.hub import Hub
from kanban_server.rules import cursors
from kanban_server.rules.cursors import Cursor
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.database import Database
from kanban_server.websocket.cursor import ReadCursor, Resync
from kanban_server.websocket.transport import Socket

REPLAY_BATCH = 100
"""Events that are read and written at a time while a reader catches up."""

StartTask = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs something beside the socket's reading, for as long as the socket lives."""


class Subscriptions:
    """What one socket follows. `ended` hears of a board whose last event was sent, `missed` of one that is trimmed."""

    def __init__(
        self,
        socket: Socket,
        hub: Hub,
        database: Database,
        viewer: Viewer,
        *,
        start_task: StartTask,
        on_board_deleted: Callable[[int], Coroutine[Any, Any, None]],
        on_resync: Callable[[Resync], None],
        on_database_error: Callable[[Refusal], Coroutine[Any, Any, None]],
    ) -> None:
        self._socket = socket
        self._hub = hub
        self._database = database
        self._viewer = viewer
        self._start_task = start_task
        self._on_board_deleted = on_board_deleted
        self._on_resync = on_resync
        self._on_database_error = on_database_error
        self._cursors: dict[int, ReadCursor] = {}
        self._all_boards = False
        self._excluded_boards: set[int] = set()
        self._lock = asyncio.Lock()
        """What is followed changes one thing at a time, in the order in which it was asked for."""
        self._checked_boards: set[int] = set()
        """Boards that were looked up for one who does not see them all; anew once the roster has changed."""

    @property
    def is_empty(self) -> bool:
        """Whether no board is followed, and none that comes will be."""
        return not self._cursors and not self._all_boards

    def is_subscribed(self, board_id: int) -> bool:
        """Whether the board is followed."""
        return board_id in self._cursors

    def cursors(self) -> dict[str, str]:
        """What was sent on each board."""
        return {str(read_cursor.board_id): read_cursor.cursor for read_cursor in self._cursors.values()}

    async def subscribe_all(self) -> None:
        """Follow every board from now on, those to come included."""
        self._hub.subscribe(self, None)  # first register, then read: what happens meanwhile is not missed
        for standing in await self._database.read(self._viewer, queries.list_log_bounds):
            self._hub.note_head(standing.board_id, standing.seq)
            if standing.deleted:
                self._excluded_boards.add(standing.board_id)
            else:
                channel = self._hub.channel(standing.board_id)
                self._cursors[standing.board_id] = ReadCursor(channel, standing.epoch, standing.seq)
        self._all_boards = True

    async def subscribe(self, board_id: int, after: str | None) -> Resync | None:
        """Follow a board from a cursor, or from now; where the cursor can't be served, follow nothing and say why.

        Refused: `not-found`, `invalid-cursor`.
        """
        cursor = cursors.parse_cursor(after) if after is not None else None
        async with self._lock:
            return await self._subscribe(board_id, cursor)

    async def _subscribe(self, board_id: int, cursor: Cursor | None) -> Resync | None:
        self._hub.subscribe(self, board_id)
        try:
            standing = await self._database.read(self._viewer, queries.read_log_bounds, board_id)
            if standing.deleted and cursor is None:
                raise not_found("board", board_id, fix="List the boards.")
        except Refusal:
            self.drop(board_id)
            self._excluded_boards.discard(board_id)  # it may come to be
            raise
        self.drop(board_id)
        reason = standing.unservable_reason(cursor) if cursor else None
        if reason is not None:
            return Resync(reason, standing)
        self._hub.subscribe(self, board_id)
        self._hub.note_head(board_id, standing.seq)
        self._excluded_boards.discard(board_id)
        seq = standing.seq if cursor is None else cursor.seq
        needs_replay = seq < standing.seq or standing.deleted
        channel = self._hub.channel(board_id)
        self._cursors[board_id] = ReadCursor(
            channel, standing.epoch, seq, needs_replay=needs_replay, deleted=standing.deleted
        )
        return None

    async def may_see(self, board_id: int) -> bool:
        """Whether the board is there for the one who follows."""
        try:
            await self._database.read(self._viewer, queries.read_log_bounds, board_id)
        except Refusal:
            return False
        return True

    async def reauthorize(self, viewer: Viewer) -> list[int]:
        """Go on as what the viewer is now: leave the boards that are no longer there for them, and give these.

        One who follows every board follows those that are new to them, too.
        """
        async with self._lock:
            self._viewer = viewer
            self._checked_boards.clear()
            if not (viewer.is_limited or self._all_boards):
                return []
            visible_heads = {
                standing.board_id: standing for standing in await self._database.read(viewer, queries.list_log_bounds)
            }
            lost_boards = [board_id for board_id in self._cursors if board_id not in visible_heads]
            for board_id in lost_boards:
                self.drop(board_id)
                self._excluded_boards.discard(board_id)
            if self._all_boards:
                for standing in visible_heads.values():
                    self._add_cursor(standing)
                self.resume()
            return lost_boards

    def _add_cursor(self, standing: LogBounds) -> None:
        """Follow a board that has come to be there: from its first event where it is new, else from now on."""
        if standing.deleted or standing.board_id in self._cursors or standing.board_id in self._excluded_boards:
            return
        channel = self._hub.channel(standing.board_id)
        seq = 0 if channel.recent_events and channel.recent_events[0].seq == 1 else standing.seq
        self._cursors[standing.board_id] = ReadCursor(channel, standing.epoch, seq)

    async def _subscribe_if_visible(self, board_id: int) -> None:
        """Begin to follow a board, where it is there for one who does not see them all."""
        async with self._lock:
            try:
                self._add_cursor(await self._database.read(self._viewer, queries.read_log_bounds, board_id))
            except Refusal:
                return
        self.notify(self._hub.channel(board_id))

    def lag(self) -> int:
        """How many events it has yet to be sent, of all its boards."""
        return sum(max(0, read_cursor.channel.head - read_cursor.seq) for read_cursor in self._cursors.values())

    async def unsubscribe(self, board_id: int) -> None:
        """No longer follow a board, also where following it was asked for just before."""
        async with self._lock:
            self.drop(board_id)

    def drop(self, board_id: int) -> None:
        """No longer follow a board."""
        read_cursor = self._cursors.get(board_id)
        if read_cursor is not None and read_cursor.replay is not None:
            read_cursor.replay.cancel()
        self._remove(board_id)

    def unsubscribe_all(self) -> None:
        """No longer follow anything, boards to come included."""
        self._all_boards = False
        for board_id in list(self._cursors):
            self.drop(board_id)

    def resume(self) -> None:
        """Send what lies behind each cursor: once cursors are set, and once the peer has taken what there was."""
        for read_cursor in list(self._cursors.values()):
            if read_cursor.needs_replay and read_cursor.replay is None:
                self._start_replay(read_cursor)
        for channel in self._hub.channels():
            self.notify(channel)

    def notify(self, channel: Channel) -> None:
        """Write what a board's log has beyond the cursor, if the peer can take it now."""
        read_cursor = self._cursors.get(channel.board_id) or self._cursor_for_new_board(channel)
        if read_cursor is None or read_cursor.replay is not None or read_cursor.seq >= channel.head:
            return
        if not self._socket.direct:
            self._start_replay(read_cursor)
            return
        if not self._socket.ready:
            return  # `go_on` is called once it is
        frames = channel.frames_after(read_cursor.seq)
        if frames is None:
            self._start_replay(read_cursor)
            return
        self._socket.write(frames)
        read_cursor.own_seq = channel.head
        if channel.deleted:
            self._end_board(read_cursor)
        elif channel.shared_seq == channel.head and not self._all_boards and self._socket.ready:
            read_cursor.own_seq = None
            channel.share_cursor(self, self._socket.transport)

    def use_own_cursor(self, channel: Channel) -> None:
        """Go on alone from where those stand who are abreast."""
        read_cursor = self._cursors.get(channel.board_id)
        if read_cursor is not None and read_cursor.own_seq is None:
            read_cursor.own_seq = channel.shared_seq
            channel.unshare_cursor(self)

    def pause(self) -> None:
        """The peer can't be written to, for now or for good."""
        for read_cursor in self._cursors.values():
            self.use_own_cursor(read_cursor.channel)

    def _cursor_for_new_board(self, channel: Channel) -> ReadCursor | None:
        """The place on a board that came to be after this stream did: before its first event."""
        is_included = self._all_boards and channel.board_id not in self._excluded_boards
        if not is_included or channel.deleted or channel.epoch is None:
            return None
        if self._viewer.is_limited:
            if channel.board_id not in self._checked_boards:
                self._checked_boards.add(channel.board_id)
                self._start_task(self._subscribe_if_visible(channel.board_id))
            return None
        return self._cursors.setdefault(channel.board_id, ReadCursor(channel, channel.epoch, 0))

    def _start_replay(self, read_cursor: ReadCursor) -> None:
        read_cursor.needs_replay = False
        self._hub.counts.replays += 1
        read_cursor.replay = self._start_task(self._replay(read_cursor))

    async def _replay(self, read_cursor: ReadCursor) -> None:
        try:
            while True:
                await self._socket.wait_until_writable()
                if not self._socket.open:
                    return
                events = await self._hub.events_after(read_cursor.board_id, read_cursor.seq, REPLAY_BATCH)
                if not events:
                    if self._hub.channel(read_cursor.board_id).head > read_cursor.seq:
                        if await self._end_if_trimmed(read_cursor):
                            return
                        continue  # it grew while the journal was read
                    if read_cursor.deleted:
                        self._end_board(read_cursor)
                    return
                if events[0].seq != read_cursor.seq + 1:
                    if await self._end_if_trimmed(read_cursor):
                        return
                    continue
                if await self._send(read_cursor, events) and events[-1].name == "board_deleted":
                    self._end_board(read_cursor)
                    return
        except Refusal as refusal:
            await self._on_database_error(refusal)
        finally:
            read_cursor.replay = None

    async def _send(self, read_cursor: ReadCursor, events: list[EncodedEvent]) -> bool:
        """Send events as long as the peer takes them; False where it stopped on the way."""
        for event in events:
            if not self._socket.direct:
                await self._socket.send(event.json)
            elif self._socket.ready:
                self._socket.write(text_frame(event.json))
            else:
                return False
            read_cursor.own_seq = event.seq
        return True

    async def _end_if_trimmed(self, read_cursor: ReadCursor) -> bool:
        """Whether the log begins behind the cursor by now; then the board is followed no longer."""
        standing = await self._database.read(self._viewer, queries.read_log_bounds, read_cursor.board_id)
        if standing.floor <= read_cursor.seq:
            return False
        self._remove(read_cursor.board_id)
        self._on_resync(Resync("trimmed", standing))
        return True

    def _end_board(self, read_cursor: ReadCursor) -> None:
        """The board's last event was sent."""
        self._remove(read_cursor.board_id)
        self._start_task(self._on_board_deleted(read_cursor.board_id))

    def _remove(self, board_id: int) -> None:
        self._cursors.pop(board_id, None)
        if self._all_boards:
            self._excluded_boards.add(board_id)
        self._hub.unsubscribe(self, board_id)
