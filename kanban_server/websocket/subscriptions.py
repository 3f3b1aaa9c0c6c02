"""The subscriptions of one socket: boards with a cursor each.

Events in memory are written at once; older ones are read from the event log and written as fast as the peer reads.
Either way the next event is the one after the cursor, so there is one path without a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from kanban_server.actions import queries
from kanban_server.actions.queries import LogBounds
from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules import cursors
from kanban_server.rules.cursors import Cursor
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.database import Database
from kanban_server.websocket.read_cursor import ReadCursor, Resync
from kanban_server.websocket.replay import replay
from kanban_server.websocket.transport import Socket

StartTask = Callable[[Coroutine[object, object, None]], "asyncio.Task[None]"]
"""Starts a task that lives at most as long as the socket."""


class Subscriptions:
    """The boards that one socket is subscribed to.

    `on_board_deleted` is called after a board's last event was sent, `on_resync` where a log was trimmed beyond the
    cursor.
    """

    def __init__(
        self,
        socket: Socket,
        hub: Hub,
        database: Database,
        viewer: Viewer,
        *,
        start_task: StartTask,
        on_board_deleted: Callable[[int], Coroutine[object, object, None]],
        on_resync: Callable[[Resync], None],
        on_database_error: Callable[[Refusal], Coroutine[object, object, None]],
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
        """Serializes changes of the subscriptions, in the order of the requests."""
        self._checked_boards: set[int] = set()
        """Boards already checked for a viewer who does not see all; cleared when permissions change."""

    @property
    def is_empty(self) -> bool:
        """Whether there are no subscriptions, for future boards neither."""
        return not self._cursors and not self._all_boards

    def is_subscribed(self, board_id: int) -> bool:
        """Whether there is a subscription to the board."""
        return board_id in self._cursors

    def cursors(self) -> dict[str, str]:
        """The cursor of each board: what was sent."""
        return {str(read_cursor.board_id): read_cursor.cursor for read_cursor in self._cursors.values()}

    async def subscribe_all(self) -> None:
        """Subscribe to all boards from now on, including future ones."""
        self._hub.subscribe(self, None)  # register before reading, so that nothing is missed in between
        for bounds in await self._database.read(self._viewer, queries.list_log_bounds):
            self._hub.note_head(bounds.board_id, bounds.seq)
            if bounds.deleted:
                self._excluded_boards.add(bounds.board_id)
            else:
                channel = self._hub.channel(bounds.board_id)
                self._cursors[bounds.board_id] = ReadCursor(channel, bounds.epoch, bounds.seq)
        self._all_boards = True

    async def subscribe(self, board_id: int, after: str | None) -> Resync | None:
        """Subscribe to a board from a cursor, or from now.

        Returns a Resync, without subscribing, where the cursor can't be served. Refused: `not-found`,
        `invalid-cursor`.
        """
        cursor = cursors.parse_cursor(after) if after is not None else None
        async with self._lock:
            return await self._subscribe(board_id, cursor)

    async def _subscribe(self, board_id: int, cursor: Cursor | None) -> Resync | None:
        self._hub.subscribe(self, board_id)
        try:
            bounds = await self._database.read(self._viewer, queries.read_log_bounds, board_id)
            if bounds.deleted and cursor is None:
                raise not_found("board", board_id, fix="List the boards.")
        except Refusal:
            self.drop(board_id)
            self._excluded_boards.discard(board_id)  # it may be created later
            raise
        self.drop(board_id)
        reason = bounds.unservable_reason(cursor) if cursor else None
        if reason is not None:
            return Resync(reason, bounds)
        self._hub.subscribe(self, board_id)
        self._hub.note_head(board_id, bounds.seq)
        self._excluded_boards.discard(board_id)
        seq = bounds.seq if cursor is None else cursor.seq
        needs_replay = seq < bounds.seq or bounds.deleted
        channel = self._hub.channel(board_id)
        self._cursors[board_id] = ReadCursor(
            channel, bounds.epoch, seq, needs_replay=needs_replay, deleted=bounds.deleted
        )
        return None

    async def may_see(self, board_id: int) -> bool:
        """Whether the viewer may see the board."""
        try:
            await self._database.read(self._viewer, queries.read_log_bounds, board_id)
        except Refusal:
            return False
        return True

    async def reauthorize(self, viewer: Viewer) -> list[int]:
        """Apply the viewer's new permissions; unsubscribes from boards that are no longer visible and returns them.

        A subscription to all boards is extended to boards that have become visible.
        """
        async with self._lock:
            self._viewer = viewer
            self._checked_boards.clear()
            if not (viewer.is_limited or self._all_boards):
                return []
            visible_heads = {
                bounds.board_id: bounds for bounds in await self._database.read(viewer, queries.list_log_bounds)
            }
            lost_boards = [board_id for board_id in self._cursors if board_id not in visible_heads]
            for board_id in lost_boards:
                self.drop(board_id)
                self._excluded_boards.discard(board_id)
            if self._all_boards:
                for bounds in visible_heads.values():
                    self._add_cursor(bounds)
                self.resume()
            return lost_boards

    def _add_cursor(self, bounds: LogBounds) -> None:
        """Subscribe to a board that became visible: from its first event if it is new, else from now on."""
        if bounds.deleted or bounds.board_id in self._cursors or bounds.board_id in self._excluded_boards:
            return
        channel = self._hub.channel(bounds.board_id)
        seq = 0 if channel.recent_events and channel.recent_events[0].seq == 1 else bounds.seq
        self._cursors[bounds.board_id] = ReadCursor(channel, bounds.epoch, seq)

    async def _subscribe_if_visible(self, board_id: int) -> None:
        """Subscribe to a board, if a viewer who does not see all boards may see it."""
        async with self._lock:
            try:
                self._add_cursor(await self._database.read(self._viewer, queries.read_log_bounds, board_id))
            except Refusal:
                return
        self.notify(self._hub.channel(board_id))

    def lag(self) -> int:
        """Number of events not sent yet, over all boards."""
        return sum(max(0, read_cursor.channel.head - read_cursor.seq) for read_cursor in self._cursors.values())

    async def unsubscribe(self, board_id: int) -> None:
        """Unsubscribe from a board, also where subscribing was requested just before."""
        async with self._lock:
            self.drop(board_id)

    def drop(self, board_id: int) -> None:
        """Unsubscribe from a board and cancel its replay."""
        read_cursor = self._cursors.get(board_id)
        if read_cursor is not None and read_cursor.replay is not None:
            read_cursor.replay.cancel()
        self._remove(board_id)

    def unsubscribe_all(self) -> None:
        """Unsubscribe from all boards, including future ones."""
        self._all_boards = False
        for board_id in list(self._cursors):
            self.drop(board_id)

    def resume(self) -> None:
        """Send what follows each cursor: once cursors are set, and when the socket is writable again."""
        for read_cursor in list(self._cursors.values()):
            if read_cursor.needs_replay and read_cursor.replay is None:
                self._start_replay(read_cursor)
        for channel in self._hub.channels():
            self.notify(channel)

    def notify(self, channel: Channel) -> None:
        """Write the events after the cursor, if the socket is writable."""
        read_cursor = self._cursors.get(channel.board_id) or self._cursor_for_new_board(channel)
        if read_cursor is None or read_cursor.replay is not None or read_cursor.seq >= channel.head:
            return
        if not self._socket.direct:
            self._start_replay(read_cursor)
            return
        if not self._socket.ready:
            return  # `resume` is called when it is
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
        """Leave the shared cursor, at its position."""
        read_cursor = self._cursors.get(channel.board_id)
        if read_cursor is not None and read_cursor.own_seq is None:
            read_cursor.own_seq = channel.shared_seq
            channel.unshare_cursor(self)

    def pause(self) -> None:
        """Leave all shared cursors: the socket is blocked or closed."""
        for read_cursor in self._cursors.values():
            self.use_own_cursor(read_cursor.channel)

    def _cursor_for_new_board(self, channel: Channel) -> ReadCursor | None:
        """A cursor before the first event of a board that was created after the stream was opened."""
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
            end = await replay(self._socket, self._hub, read_cursor)
            while end == "gap" and not await self._end_if_trimmed(read_cursor):
                end = await replay(self._socket, self._hub, read_cursor)  # the log grew while it was read
            if end == "board-ended":
                self._end_board(read_cursor)
        except Refusal as refusal:
            await self._on_database_error(refusal)
        finally:
            read_cursor.replay = None

    async def _end_if_trimmed(self, read_cursor: ReadCursor) -> bool:
        """Unsubscribe and send a resync, if the log was trimmed beyond the cursor."""
        bounds = await self._database.read(self._viewer, queries.read_log_bounds, read_cursor.board_id)
        if bounds.floor <= read_cursor.seq:
            return False
        self._remove(read_cursor.board_id)
        self._on_resync(Resync("trimmed", bounds))
        return True

    def _end_board(self, read_cursor: ReadCursor) -> None:
        """End the subscription after the board's last event was sent."""
        self._remove(read_cursor.board_id)
        self._start_task(self._on_board_deleted(read_cursor.board_id))

    def _remove(self, board_id: int) -> None:
        self._cursors.pop(board_id, None)
        if self._all_boards:
            self._excluded_boards.add(board_id)
        self._hub.unsubscribe(self, board_id)
