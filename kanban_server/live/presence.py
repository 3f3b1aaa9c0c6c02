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
from kanban_server.live.hub import Hub
from kanban_server.live.redis_bus import Message
from kanban_server.live.remote_presence import Entry, RemotePresence
from kanban_server.rules.events import encode_transient_event

log = logging.getLogger("kanban.live")

LIST_SECONDS = 0.25
RETRY_SECONDS = 5.0
POINTER_SECONDS = 1 / limits.PRESENCE_PER_SECOND
CLAIM_EVENTS = frozenset({"ticket_claimed", "ticket_released", "ticket_deleted", "ticket_restored"})
"""Events behind which somebody may hold other tickets than before."""

Holders = Callable[[int], Awaitable[dict[str, list[int]]]]
"""The live claims of a board: user to tickets."""


class Activity(NamedTuple):
    """What somebody does on a board."""

    ticket_id: int | None = None
    element: str | None = None
    x: float | None = None
    y: float | None = None
    dragging: int | None = None


class Participant(Protocol):
    """A connection that is on boards."""

    username: str
    client: str
    client_id: str
    wants_presence: bool
    """Whether it understands what is told here."""

    def send_presence(self, messages: list[bytes]) -> bool:
        """Send messages, or none where the peer has not taken what was sent before: False."""


class BoardPresence:
    """A board with those who are on it."""

    def __init__(self, board_id: int) -> None:
        self.board_id = board_id
        self.entries: dict[Participant, Entry] = {}
        self.moved: set[Participant] = set()
        """Whose pointers have moved since pointers were told."""
        self.changed = False
        """Whether the list may be another than the one that was told."""
        self.changed_locally = False
        """Whether that comes from those who are here through this instance."""
        self.last_list = b""
        self.up_to_date: set[Participant] = set()
        """Who was told the newest list."""
        self.claims_seq = 0
        """The board's event up to which claims are known."""
        self.list_task: asyncio.Task[None] | None = None
        self.pointer_task: asyncio.Task[None] | None = None

    def recipients(self) -> list[Participant]:
        """Those who understand what is told."""
        return [participant for participant in self.entries if participant.wants_presence]


class Presence:
    """The rooms of all boards that anybody is on; `elsewhere` is how other instances know of them."""

    def __init__(self, hub: Hub, holders: Holders, remote: RemotePresence | None = None) -> None:
        self._hub = hub
        self._holders = holders
        self._remote = remote
        self._boards: dict[int, BoardPresence] = {}
        if remote is not None:
            remote.bus.subscribe("presence", self._on_remote_list)
            remote.bus.subscribe("pointers", self._on_remote_pointers)
            remote.bus.on_reconnect(self.refresh)

    def enter(self, participant: Participant, board_id: int, activity: Activity | None = None) -> None:
        """Somebody is on a board, and does this there."""
        board = self._boards.get(board_id)
        if board is None:
            board = self._boards[board_id] = BoardPresence(board_id)
            self._hub.subscribe(self, board_id)
        before = board.entries.get(participant)
        entry = _entry(participant, activity or Activity())
        board.entries[participant] = entry
        if before is None or any(before[name] != entry[name] for name in ("ticket_id", "dragging")):
            self._schedule_list(board, changed_locally=True)
        if before is not None and any(before[name] != entry[name] for name in ("element", "x", "y")):
            board.moved.add(participant)
            if board.pointer_task is None:
                board.pointer_task = asyncio.create_task(self._send_pointers(board))

    def rename(self, participant: Participant) -> None:
        """Somebody has another name."""
        for board in self._boards_of(participant):
            board.entries[participant]["username"] = participant.username
            self._schedule_list(board, changed_locally=True)

    def leave(self, participant: Participant, board_id: int | None = None) -> None:
        """Somebody is no longer on a board, or on any."""
        for board in self._boards_of(participant):
            if board_id in {None, board.board_id}:
                del board.entries[participant]
                board.moved.discard(participant)
                board.up_to_date.discard(participant)
                self._schedule_list(board, changed_locally=True)

    def send_missing_lists(self, participant: Participant) -> None:
        """Tell somebody the lists that they have not got, now that they take something."""
        for board in self._boards_of(participant):
            if participant.wants_presence and participant not in board.up_to_date:
                self._schedule_list(board)

    def refresh(self) -> None:
        """Look again who is there, and say again who is here, on every board."""
        for board in self._boards.values():
            self._schedule_list(board, changed_locally=True)

    async def users(self, board_id: int) -> list[dict[str, Any]]:
        """Who is on a board, by name, with those who hold something there and have no connection."""
        board = self._boards.get(board_id)
        entries = list(board.entries.values()) if board else []
        if self._remote is not None:
            entries += await self._remote.exchange(board_id, entries)
        return _merge_users(entries, await self._holders(board_id))

    async def run(self) -> None:
        """Refresh before others forget who is here, for as long as the server runs."""
        while self._remote is not None:
            await asyncio.sleep(self._remote.seconds / 3)
            self.refresh()

    async def close(self) -> None:
        """Nobody is here any longer: tell the other instances."""
        for board in list(self._boards.values()):
            board.entries.clear()
            if self._remote is not None:
                await self._remote.exchange(board.board_id, [])
                self._remote.bus.send("presence", board=board.board_id)

    def notify(self, channel: Channel) -> None:
        """The log of a board has grown."""
        board = self._boards.get(channel.board_id)
        if board is not None:
            events = channel.events_after(board.claims_seq, len(channel.recent_events))
            board.claims_seq = channel.head
            if events is None or any(event.name in CLAIM_EVENTS for event in events):
                self._schedule_list(board)

    def lag(self) -> int:
        """Lists have no past."""
        return 0

    def _boards_of(self, participant: Participant) -> list[BoardPresence]:
        return [board for board in self._boards.values() if participant in board.entries]

    def _schedule_list(self, board: BoardPresence, *, changed_locally: bool = False) -> None:
        board.changed = True
        board.changed_locally = board.changed_locally or changed_locally
        if board.list_task is None:
            board.list_task = asyncio.create_task(self._send_lists(board))

    async def _send_lists(self, board: BoardPresence) -> None:
        try:
            while board.changed:
                board.changed = False
                await asyncio.sleep(LIST_SECONDS if await self._send_list(board) else RETRY_SECONDS)
        finally:
            board.list_task = None
        if not board.entries and self._boards.pop(board.board_id, None) is not None:
            self._hub.unsubscribe(self, board.board_id)

    async def _send_list(self, board: BoardPresence) -> bool:
        """Tell the list; False where it could not be looked up, and has to be told later."""
        changed_locally, board.changed_locally = board.changed_locally, False
        try:
            users = await self.users(board.board_id)
        except Exception as error:
            log.warning("Who is on board %d was not told: %r", board.board_id, error)
            board.changed, board.changed_locally = True, board.changed_locally or changed_locally
            return False
        if changed_locally and self._remote is not None:
            self._remote.bus.send("presence", board=board.board_id)
        encoded_users = orjson.dumps(users)
        if encoded_users != board.last_list:
            board.last_list = encoded_users
            board.up_to_date.clear()
        message = encode_transient_event(
            "presence", orjson.Fragment(b'{"users":%b}' % encoded_users), board_id=board.board_id
        )
        for participant in board.recipients():
            if participant not in board.up_to_date and participant.send_presence([message]):
                board.up_to_date.add(participant)
        return True

    async def _send_pointers(self, board: BoardPresence) -> None:
        try:
            while board.moved:
                moved, board.moved = board.moved, set()
                messages = {participant: self._pointer_message(board, participant) for participant in moved}
                for participant in board.recipients():
                    if others := [message for mover, message in messages.items() if mover is not participant]:
                        participant.send_presence(others)
                if self._remote is not None:
                    fragments = [orjson.Fragment(message) for message in messages.values()]
                    self._remote.bus.send("pointers", board=board.board_id, pointers=fragments)
                await asyncio.sleep(POINTER_SECONDS)
        finally:
            board.pointer_task = None

    def _pointer_message(self, board: BoardPresence, participant: Participant) -> bytes:
        entry = board.entries[participant]
        data = {name: entry[name] for name in ("username", "client_id", "element", "x", "y")}
        return encode_transient_event("pointer", data, board_id=board.board_id)

    # What other instances say

    def _on_remote_list(self, message: Message) -> None:
        if (board := self._boards.get(message["board"])) is not None:
            self._schedule_list(board)

    def _on_remote_pointers(self, message: Message) -> None:
        if (board := self._boards.get(message["board"])) is not None:
            messages = [orjson.dumps(pointer) for pointer in message["pointers"]]
            for participant in board.recipients():
                participant.send_presence(messages)


def _entry(participant: Participant, activity: Activity) -> Entry:
    identity = {"username": participant.username, "client": participant.client, "client_id": participant.client_id}
    return {**identity, **activity._asdict(), "at": time.time()}


def _merge_users(entries: list[Entry], holders: dict[str, list[int]]) -> list[dict[str, Any]]:
    """One user for each name: the connection that looks at something, and of these the one that said so last."""
    entries_by_name: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry["ticket_id"] is not None, entry["at"])):
        entries_by_name[entry["username"]] = entry
    absent = {"client": None, "client_id": None, **Activity()._asdict()}
    for name in holders:
        entries_by_name.setdefault(name, {"username": name, **absent})
    users = sorted(entries_by_name.values(), key=itemgetter("username"))
    return [
        {**{name: value for name, value in user.items() if name != "at"}, "holds": holders.get(user["username"], [])}
        for user in users
    ]
