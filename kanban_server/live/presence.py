"""Who is on a board, what they look at, and where their pointers are.

Nothing of it is stored or numbered. The whole list is told when it changes, pointers as they move; both at most so
often, and never to a socket whose peer has not taken what was sent before: the next list makes up for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import orjson

from kanban_sdk.wire import limits
from kanban_server.live.channel import Channel
from kanban_server.live.elsewhere import Elsewhere, Entry
from kanban_server.live.hub import Hub
from kanban_server.live.post import Message
from kanban_server.rules.events import passing

log = logging.getLogger("kanban.live")

LIST_SECONDS = 0.25
RETRY_SECONDS = 5.0
POINTER_SECONDS = 1 / limits.PRESENCE_PER_SECOND
CLAIMS = frozenset({"ticket_claimed", "ticket_released", "ticket_deleted", "ticket_restored"})
"""Events behind which somebody may hold other tickets than before."""

Holders = Callable[[int], Awaitable[dict[str, list[int]]]]
"""The live claims of a board: user to tickets."""


class Doing(NamedTuple):
    """What somebody does on a board."""

    ticket_id: int | None = None
    element: str | None = None
    x: float | None = None
    y: float | None = None
    dragging: int | None = None


class Visitor(Protocol):
    """A connection that is on boards."""

    username: str
    client: str
    client_id: str
    wants_presence: bool
    """Whether it understands what is told here."""

    def show(self, messages: list[bytes]) -> bool:
        """Send messages, or none where the peer has not taken what was sent before: False."""


class Room:
    """A board with those who are on it."""

    def __init__(self, board_id: int) -> None:
        self.board_id = board_id
        self.here: dict[Visitor, Entry] = {}
        self.moved: set[Visitor] = set()
        """Whose pointers have moved since pointers were told."""
        self.changed = False
        """Whether the list may be another than the one that was told."""
        self.ours = False
        """Whether that comes from those who are here through this instance."""
        self.told = b""
        self.have_it: set[Visitor] = set()
        """Who was told the newest list."""
        self.seen = 0
        """The board's event up to which claims are known."""
        self.lister: asyncio.Task[None] | None = None
        self.pointer: asyncio.Task[None] | None = None

    def wants(self) -> list[Visitor]:
        """Those who understand what is told."""
        return [visitor for visitor in self.here if visitor.wants_presence]


class Presence:
    """The rooms of all boards that anybody is on; `elsewhere` is how other instances know of them."""

    def __init__(self, hub: Hub, holders: Holders, elsewhere: Elsewhere | None = None) -> None:
        self._hub = hub
        self._holders = holders
        self._elsewhere = elsewhere
        self._rooms: dict[int, Room] = {}
        if elsewhere is not None:
            elsewhere.post.on("presence", self._hear_list)
            elsewhere.post.on("pointers", self._hear_pointers)
            elsewhere.post.on_return(self.refresh)

    def enter(self, visitor: Visitor, board_id: int, doing: Doing | None = None) -> None:
        """Somebody is on a board, and does this there."""
        room = self._rooms.get(board_id)
        if room is None:
            room = self._rooms[board_id] = Room(board_id)
            self._hub.follow(self, board_id)
        before = room.here.get(visitor)
        entry = _entry(visitor, doing or Doing())
        room.here[visitor] = entry
        if before is None or any(before[name] != entry[name] for name in ("ticket_id", "dragging")):
            self._list(room, ours=True)
        if before is not None and any(before[name] != entry[name] for name in ("element", "x", "y")):
            room.moved.add(visitor)
            if room.pointer is None:
                room.pointer = asyncio.create_task(self._tell_pointers(room))

    def rename(self, visitor: Visitor) -> None:
        """Somebody has another name."""
        for room in self._among(visitor):
            room.here[visitor]["username"] = visitor.username
            self._list(room, ours=True)

    def leave(self, visitor: Visitor, board_id: int | None = None) -> None:
        """Somebody is no longer on a board, or on any."""
        for room in self._among(visitor):
            if board_id in {None, room.board_id}:
                del room.here[visitor]
                room.moved.discard(visitor)
                room.have_it.discard(visitor)
                self._list(room, ours=True)

    def catch_up(self, visitor: Visitor) -> None:
        """Tell somebody the lists that they have not got, now that they take something."""
        for room in self._among(visitor):
            if visitor.wants_presence and visitor not in room.have_it:
                self._list(room)

    def refresh(self) -> None:
        """Look again who is there, and say again who is here, on every board."""
        for room in self._rooms.values():
            self._list(room, ours=True)

    async def users(self, board_id: int) -> list[dict[str, Any]]:
        """Who is on a board, by name, with those who hold something there and have no connection."""
        room = self._rooms.get(board_id)
        entries = list(room.here.values()) if room else []
        if self._elsewhere is not None:
            entries += await self._elsewhere.exchange(board_id, entries)
        return _shown(entries, await self._holders(board_id))

    async def run(self) -> None:
        """Refresh before others forget who is here, for as long as the server runs."""
        while self._elsewhere is not None:
            await asyncio.sleep(self._elsewhere.seconds / 3)
            self.refresh()

    async def close(self) -> None:
        """Nobody is here any longer: tell the other instances."""
        for room in list(self._rooms.values()):
            room.here.clear()
            if self._elsewhere is not None:
                await self._elsewhere.exchange(room.board_id, [])
                self._elsewhere.post.send("presence", board=room.board_id)

    def advance(self, channel: Channel) -> None:
        """The log of a board has grown."""
        room = self._rooms.get(channel.board_id)
        if room is not None:
            events = channel.after(room.seen, len(channel.ring))
            room.seen = channel.head
            if events is None or any(event.name in CLAIMS for event in events):
                self._list(room)

    def behind(self) -> int:
        """Lists have no past."""
        return 0

    def _among(self, visitor: Visitor) -> list[Room]:
        return [room for room in self._rooms.values() if visitor in room.here]

    def _list(self, room: Room, *, ours: bool = False) -> None:
        room.changed = True
        room.ours = room.ours or ours
        if room.lister is None:
            room.lister = asyncio.create_task(self._tell_lists(room))

    async def _tell_lists(self, room: Room) -> None:
        try:
            while room.changed:
                room.changed = False
                await asyncio.sleep(LIST_SECONDS if await self._tell_list(room) else RETRY_SECONDS)
        finally:
            room.lister = None
        if not room.here and self._rooms.pop(room.board_id, None) is not None:
            self._hub.unfollow(self, room.board_id)

    async def _tell_list(self, room: Room) -> bool:
        """Tell the list; False where it could not be looked up, and has to be told later."""
        ours, room.ours = room.ours, False
        try:
            users = await self.users(room.board_id)
        except Exception as error:
            log.warning("Who is on board %d was not told: %r", room.board_id, error)
            room.changed, room.ours = True, room.ours or ours
            return False
        if ours and self._elsewhere is not None:
            self._elsewhere.post.send("presence", board=room.board_id)
        told = orjson.dumps(users)
        if told != room.told:
            room.told = told
            room.have_it.clear()
        message = passing("presence", orjson.Fragment(b'{"users":%b}' % told), board_id=room.board_id)
        for visitor in room.wants():
            if visitor not in room.have_it and visitor.show([message]):
                room.have_it.add(visitor)
        return True

    async def _tell_pointers(self, room: Room) -> None:
        try:
            while room.moved:
                moved, room.moved = room.moved, set()
                messages = {visitor: self._pointer(room, visitor) for visitor in moved}
                for visitor in room.wants():
                    if others := [message for mover, message in messages.items() if mover is not visitor]:
                        visitor.show(others)
                if self._elsewhere is not None:
                    fragments = [orjson.Fragment(message) for message in messages.values()]
                    self._elsewhere.post.send("pointers", board=room.board_id, pointers=fragments)
                await asyncio.sleep(POINTER_SECONDS)
        finally:
            room.pointer = None

    def _pointer(self, room: Room, visitor: Visitor) -> bytes:
        entry = room.here[visitor]
        data = {name: entry[name] for name in ("username", "client_id", "element", "x", "y")}
        return passing("pointer", data, board_id=room.board_id)

    # What other instances say

    def _hear_list(self, message: Message) -> None:
        if (room := self._rooms.get(message["board"])) is not None:
            self._list(room)

    def _hear_pointers(self, message: Message) -> None:
        if (room := self._rooms.get(message["board"])) is not None:
            messages = [orjson.dumps(pointer) for pointer in message["pointers"]]
            for visitor in room.wants():
                visitor.show(messages)


def _entry(visitor: Visitor, doing: Doing) -> Entry:
    named = {"username": visitor.username, "client": visitor.client, "client_id": visitor.client_id}
    return {**named, **doing._asdict(), "at": time.time()}


def _shown(entries: list[Entry], holders: dict[str, list[int]]) -> list[dict[str, Any]]:
    """One user for each name: the connection that looks at something, and of these the one that said so last."""
    people: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry["ticket_id"] is not None, entry["at"])):
        people[entry["username"]] = entry
    absent = {"client": None, "client_id": None, **Doing()._asdict()}
    for name in holders:
        people.setdefault(name, {"username": name, **absent})
    shown = sorted(people.values(), key=itemgetter("username"))
    return [
        {**{name: value for name, value in one.items() if name != "at"}, "holds": holders.get(one["username"], [])}
        for one in shown
    ]
