"""The boards that one socket follows, with a cursor for each.

What the hub has at hand is written at once; what lies further back is read from the journal and written as fast as the
peer takes it. Either way the next event is the one behind the cursor, so there is one path and no seam.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from kanban_server.actions import reading as readings
from kanban_server.actions.reading import Standing
from kanban_server.api.place import Missed, Place
from kanban_server.api.sockets import Socket
from kanban_server.live.channel import Channel, text_frame
from kanban_server.live.hub import Hub
from kanban_server.rules import cursors
from kanban_server.rules.access import Viewer
from kanban_server.rules.cursors import Cursor
from kanban_server.rules.events import Logged
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store.database import Database

REPLAY = 100
"""Events that are read and written at a time while a reader catches up."""

Start = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs something beside the socket's reading, for as long as the socket lives."""


class Following:
    """What one socket follows. `ended` hears of a board whose last event was sent, `missed` of one that is trimmed."""

    def __init__(
        self,
        socket: Socket,
        hub: Hub,
        database: Database,
        viewer: Viewer,
        *,
        start: Start,
        ended: Callable[[int], Coroutine[Any, Any, None]],
        missed: Callable[[Missed], None],
        failed: Callable[[Refusal], Coroutine[Any, Any, None]],
    ) -> None:
        self._socket = socket
        self._hub = hub
        self._database = database
        self._viewer = viewer
        self._start = start
        self._ended = ended
        self._missed = missed
        self._failed = failed
        self._places: dict[int, Place] = {}
        self._everywhere = False
        self._unwanted: set[int] = set()
        self._turn = asyncio.Lock()
        """What is followed changes one thing at a time, in the order in which it was asked for."""
        self._asked: set[int] = set()
        """Boards that were looked up for one who does not see them all; anew once the roster has changed."""

    @property
    def nothing(self) -> bool:
        """Whether no board is followed, and none that comes will be."""
        return not self._places and not self._everywhere

    def follows(self, board_id: int) -> bool:
        """Whether the board is followed."""
        return board_id in self._places

    def cursors(self) -> dict[str, str]:
        """What was sent on each board."""
        return {str(place.board_id): place.cursor for place in self._places.values()}

    async def everything(self) -> None:
        """Follow every board from now on, those to come included."""
        self._hub.follow(self, None)  # first register, then read: what happens meanwhile is not missed
        for standing in await self._database.read(self._viewer, readings.heads):
            self._hub.reached(standing.board_id, standing.seq)
            if standing.deleted:
                self._unwanted.add(standing.board_id)
            else:
                channel = self._hub.channel(standing.board_id)
                self._places[standing.board_id] = Place(channel, standing.epoch, standing.seq)
        self._everywhere = True

    async def follow(self, board_id: int, after: str | None) -> Missed | None:
        """Follow a board from a cursor, or from now; where the cursor can't be served, follow nothing and say why.

        Refused: `not-found`, `invalid-cursor`.
        """
        cursor = cursors.read(after) if after is not None else None
        async with self._turn:
            return await self._follow(board_id, cursor)

    async def _follow(self, board_id: int, cursor: Cursor | None) -> Missed | None:
        self._hub.follow(self, board_id)
        try:
            standing = await self._database.read(self._viewer, readings.standing, board_id)
            if standing.deleted and cursor is None:
                raise not_found("board", board_id, fix="List the boards.")
        except Refusal:
            self.leave(board_id)
            self._unwanted.discard(board_id)  # it may come to be
            raise
        self.leave(board_id)
        reason = standing.why_not(cursor) if cursor else None
        if reason is not None:
            return Missed(reason, standing)
        self._hub.follow(self, board_id)
        self._hub.reached(board_id, standing.seq)
        self._unwanted.discard(board_id)
        seq = standing.seq if cursor is None else cursor.seq
        behind = seq < standing.seq or standing.deleted
        channel = self._hub.channel(board_id)
        self._places[board_id] = Place(channel, standing.epoch, seq, behind=behind, deleted=standing.deleted)
        return None

    async def may_see(self, board_id: int) -> bool:
        """Whether the board is there for the one who follows."""
        try:
            await self._database.read(self._viewer, readings.standing, board_id)
        except Refusal:
            return False
        return True

    async def keep(self, viewer: Viewer) -> list[int]:
        """Go on as what the viewer is now: leave the boards that are no longer there for them, and give these.

        One who follows every board follows those that are new to them, too.
        """
        async with self._turn:
            self._viewer = viewer
            self._asked.clear()
            if not (viewer.limited or self._everywhere):
                return []
            seen = {standing.board_id: standing for standing in await self._database.read(viewer, readings.heads)}
            lost = [board_id for board_id in self._places if board_id not in seen]
            for board_id in lost:
                self.leave(board_id)
                self._unwanted.discard(board_id)
            if self._everywhere:
                for standing in seen.values():
                    self._begin(standing)
                self.go_on()
            return lost

    def _begin(self, standing: Standing) -> None:
        """Follow a board that has come to be there: from its first event where it is new, else from now on."""
        if standing.deleted or standing.board_id in self._places or standing.board_id in self._unwanted:
            return
        channel = self._hub.channel(standing.board_id)
        seq = 0 if channel.ring and channel.ring[0].seq == 1 else standing.seq
        self._places[standing.board_id] = Place(channel, standing.epoch, seq)

    async def _meet(self, board_id: int) -> None:
        """Begin to follow a board, where it is there for one who does not see them all."""
        async with self._turn:
            try:
                self._begin(await self._database.read(self._viewer, readings.standing, board_id))
            except Refusal:
                return
        self.advance(self._hub.channel(board_id))

    def behind(self) -> int:
        """How many events it has yet to be sent, of all its boards."""
        return sum(max(0, place.channel.head - place.seq) for place in self._places.values())

    async def unfollow(self, board_id: int) -> None:
        """No longer follow a board, also where following it was asked for just before."""
        async with self._turn:
            self.leave(board_id)

    def leave(self, board_id: int) -> None:
        """No longer follow a board."""
        place = self._places.get(board_id)
        if place is not None and place.replay is not None:
            place.replay.cancel()
        self._drop(board_id)

    def leave_all(self) -> None:
        """No longer follow anything, boards to come included."""
        self._everywhere = False
        for board_id in list(self._places):
            self.leave(board_id)

    def go_on(self) -> None:
        """Send what lies behind each cursor: once cursors are set, and once the peer has taken what there was."""
        for place in list(self._places.values()):
            if place.behind and place.replay is None:
                self._catch_up(place)
        for channel in self._hub.channels():
            self.advance(channel)

    def advance(self, channel: Channel) -> None:
        """Write what a board's log has beyond the cursor, if the peer can take it now."""
        place = self._places.get(channel.board_id) or self._new_board(channel)
        if place is None or place.replay is not None or place.seq >= channel.head:
            return
        if not self._socket.fast:
            self._catch_up(place)
            return
        if not self._socket.ready:
            return  # `go_on` is called once it is
        frames = channel.frames_after(place.seq)
        if frames is None:
            self._catch_up(place)
            return
        self._socket.write(frames)
        place.alone = channel.head
        if channel.deleted:
            self._finish(place)
        elif channel.pushed == channel.head and not self._everywhere and self._socket.ready:
            place.alone = None
            channel.join(self, self._socket.transport)

    def step_out(self, channel: Channel) -> None:
        """Go on alone from where those stand who are abreast."""
        place = self._places.get(channel.board_id)
        if place is not None and place.alone is None:
            place.alone = channel.pushed
            channel.part(self)

    def stopped(self) -> None:
        """The peer can't be written to, for now or for good."""
        for place in self._places.values():
            self.step_out(place.channel)

    def _new_board(self, channel: Channel) -> Place | None:
        """The place on a board that came to be after this stream did: before its first event."""
        wanted = self._everywhere and channel.board_id not in self._unwanted
        if not wanted or channel.deleted or channel.epoch is None:
            return None
        if self._viewer.limited:
            if channel.board_id not in self._asked:
                self._asked.add(channel.board_id)
                self._start(self._meet(channel.board_id))
            return None
        return self._places.setdefault(channel.board_id, Place(channel, channel.epoch, 0))

    def _catch_up(self, place: Place) -> None:
        place.behind = False
        self._hub.counts.replays += 1
        place.replay = self._start(self._replay(place))

    async def _replay(self, place: Place) -> None:
        try:
            while True:
                await self._socket.drained()
                if not self._socket.open:
                    return
                events = await self._hub.after(place.board_id, place.seq, REPLAY)
                if not events:
                    if self._hub.channel(place.board_id).head > place.seq:
                        if await self._trimmed(place):
                            return
                        continue  # it grew while the journal was read
                    if place.deleted:
                        self._finish(place)
                    return
                if events[0].seq != place.seq + 1:
                    if await self._trimmed(place):
                        return
                    continue
                if await self._send(place, events) and events[-1].name == "board_deleted":
                    self._finish(place)
                    return
        except Refusal as refusal:
            await self._failed(refusal)
        finally:
            place.replay = None

    async def _send(self, place: Place, events: list[Logged]) -> bool:
        """Send events as long as the peer takes them; False where it stopped on the way."""
        for event in events:
            if not self._socket.fast:
                await self._socket.send(event.json)
            elif self._socket.ready:
                self._socket.write(text_frame(event.json))
            else:
                return False
            place.alone = event.seq
        return True

    async def _trimmed(self, place: Place) -> bool:
        """Whether the log begins behind the cursor by now; then the board is followed no longer."""
        standing = await self._database.read(self._viewer, readings.standing, place.board_id)
        if standing.floor <= place.seq:
            return False
        self._drop(place.board_id)
        self._missed(Missed("trimmed", standing))
        return True

    def _finish(self, place: Place) -> None:
        """The board's last event was sent."""
        self._drop(place.board_id)
        self._start(self._ended(place.board_id))

    def _drop(self, board_id: int) -> None:
        self._places.pop(board_id, None)
        if self._everywhere:
            self._unwanted.add(board_id)
        self._hub.unfollow(self, board_id)
