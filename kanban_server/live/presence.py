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
from kanban_server.live.hub import Channel, Hub
from kanban_server.rules.times import clock

log = logging.getLogger("kanban.live")

LIST_SECONDS = 0.25
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
        self.here: dict[Visitor, dict[str, Any]] = {}
        self.moved: set[Visitor] = set()
        """Whose pointers have moved since pointers were told."""
        self.changed = False
        """Whether the list may be another than the one that was told."""
        self.told = b""
        self.have_it: set[Visitor] = set()
        """Who was told the newest list."""
        self.seen = 0
        """The board's event up to which claims are known."""
        self.lister: asyncio.Task[None] | None = None
        self.pointer: asyncio.Task[None] | None = None


class Presence:
    """The rooms of all boards that anybody is on."""

    def __init__(self, hub: Hub, holders: Holders) -> None:
        self._hub = hub
        self._holders = holders
        self._rooms: dict[int, Room] = {}

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
            self._list(room)
        if before is not None and any(before[name] != entry[name] for name in ("element", "x", "y")):
            room.moved.add(visitor)
            if room.pointer is None:
                room.pointer = asyncio.create_task(self._tell_pointers(room))

    def leave(self, visitor: Visitor, board_id: int | None = None) -> None:
        """Somebody is no longer on a board, or on any."""
        for room in self._among(visitor):
            if board_id in {None, room.board_id}:
                del room.here[visitor]
                room.moved.discard(visitor)
                room.have_it.discard(visitor)
                if room.here:
                    self._list(room)
                else:
                    del self._rooms[room.board_id]
                    self._hub.unfollow(self, room.board_id)

    def catch_up(self, visitor: Visitor) -> None:
        """Tell somebody the lists that they have not got, now that they take something."""
        for room in self._among(visitor):
            if visitor.wants_presence and visitor not in room.have_it:
                self._list(room)

    async def users(self, board_id: int) -> list[dict[str, Any]]:
        """Who is on a board, by name, with those who hold something there and have no connection."""
        room = self._rooms.get(board_id)
        return _shown(list(room.here.values()) if room else [], await self._holders(board_id))

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

    def _list(self, room: Room) -> None:
        room.changed = True
        if room.lister is None:
            room.lister = asyncio.create_task(self._tell_lists(room))

    async def _tell_lists(self, room: Room) -> None:
        try:
            while room.changed:
                room.changed = False
                if any(visitor.wants_presence for visitor in room.here):
                    await self._tell_list(room)
                await asyncio.sleep(LIST_SECONDS)
        finally:
            room.lister = None

    async def _tell_list(self, room: Room) -> None:
        try:
            told = orjson.dumps(await self.users(room.board_id))
        except Exception as error:
            log.warning("Who is on board %d was not told: %r", room.board_id, error)
            return
        if told != room.told:
            room.told = told
            room.have_it.clear()
        message = _message("presence", room.board_id, orjson.Fragment(b'{"users":%b}' % told))
        for visitor in list(room.here):
            if visitor.wants_presence and visitor not in room.have_it and visitor.show([message]):
                room.have_it.add(visitor)

    async def _tell_pointers(self, room: Room) -> None:
        try:
            while room.moved:
                moved, room.moved = room.moved, set()
                messages = {visitor: self._pointer(room, visitor) for visitor in moved}
                for visitor in room.here:
                    others = [message for mover, message in messages.items() if mover is not visitor]
                    if visitor.wants_presence and others:
                        visitor.show(others)
                await asyncio.sleep(POINTER_SECONDS)
        finally:
            room.pointer = None

    def _pointer(self, room: Room, visitor: Visitor) -> bytes:
        entry = room.here[visitor]
        data = {name: entry[name] for name in ("username", "client_id", "element", "x", "y")}
        return _message("pointer", room.board_id, data)


def _entry(visitor: Visitor, doing: Doing) -> dict[str, Any]:
    named = {"username": visitor.username, "client": visitor.client, "client_id": visitor.client_id}
    return {**named, **doing._asdict(), "at": time.time()}


def _shown(entries: list[dict[str, Any]], holders: dict[str, list[int]]) -> list[dict[str, Any]]:
    """One user for each name: the connection that looks at something, and of these the one that said so last."""
    people: dict[str, dict[str, Any]] = {}
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


def _message(name: str, board_id: int, data: Any) -> bytes:
    said = {"event": name, "type": name, "board_id": board_id, "timestamp": clock(), "data": data}
    return orjson.dumps(said)
