"""Presence: who is on a board, what they view, and where their pointers are.

It is neither stored nor numbered. The full list is sent when it changes, pointers as they move, both at a limited
rate, and never to a socket that has not read earlier data: it gets the next list instead.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import orjson

from kanban_sdk.wire import limits
from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.live.redis_bus import Message
from kanban_server.live.remote_presence import Entry, RemotePresence
from kanban_server.live.transient_event import encode_transient_event

log = logging.getLogger("kanban.live")

LIST_SECONDS = 0.25
RETRY_SECONDS = 5.0
POINTER_SECONDS = 1 / limits.PRESENCE_PER_SECOND
CLAIM_EVENTS = frozenset({"ticket_claimed", "ticket_released", "ticket_deleted", "ticket_restored"})
"""Events after which users may hold other tickets."""

Holders = Callable[[int], Awaitable[dict[str, list[int]]]]
"""The live claims of a board: user to ticket ids."""


class Activity(NamedTuple):
    """What a user does on a board."""

    ticket_id: int | None = None
    element: str | None = None
    x: float | None = None
    y: float | None = None
    dragging: int | None = None


class Participant(Protocol):
    """A connection that is present on boards."""

    username: str
    client: str
    client_id: str
    wants_presence: bool
    """Whether it understands presence messages."""

    def send_presence(self, messages: list[bytes]) -> bool:
        """Send all messages, or none where the peer has not read earlier data: then False."""


class BoardPresence:
    """The participants of a board."""

    def __init__(self, board_id: int) -> None:
        self.board_id = board_id
        self.entries: dict[Participant, Entry] = {}
        self.moved: set[Participant] = set()
        """Participants whose pointers moved since pointers were last sent."""
        self.changed = False
        """Whether the list may differ from the one last sent."""
        self.changed_locally = False
        """Whether that is due to participants of this instance."""
        self.last_list = b""
        self.up_to_date: set[Participant] = set()
        """Participants that were sent the newest list."""
        self.claims_seq = 0
        """The board's last event whose claims are taken into account."""
        self.list_task: asyncio.Task[None] | None = None
        self.pointer_task: asyncio.Task[None] | None = None

    def recipients(self) -> list[Participant]:
        """The participants that understand presence messages."""
        return [participant for participant in self.entries if participant.wants_presence]


class Presence:
    """The presence on all boards with participants; `remote` exchanges it with other instances."""

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
        """Add a participant to a board, or update their activity."""
        board = self._boards.get(board_id)
        if board is None:
            board = self._boards[board_id] = BoardPresence(board_id)
            self._hub.subscribe(self, board_id)
        before = board.entries.get(participant)
        entry = _entry(participant, activity or Activity())
        board.entries[participant] = entry
        if before is None or (before["ticket_id"], before["dragging"]) != (entry["ticket_id"], entry["dragging"]):
            self._schedule_list(board, changed_locally=True)
        if before is not None and _pointer(before) != _pointer(entry):
            board.moved.add(participant)
            if board.pointer_task is None:
                board.pointer_task = asyncio.create_task(self._send_pointers(board))

    def rename(self, participant: Participant) -> None:
        """Update a participant's user name."""
        for board in self._boards_of(participant):
            board.entries[participant]["username"] = participant.username
            self._schedule_list(board, changed_locally=True)

    def leave(self, participant: Participant, board_id: int | None = None) -> None:
        """Remove a participant from a board, or from all boards."""
        for board in self._boards_of(participant):
            if board_id in {None, board.board_id}:
                del board.entries[participant]
                board.moved.discard(participant)
                board.up_to_date.discard(participant)
                self._schedule_list(board, changed_locally=True)

    def send_missing_lists(self, participant: Participant) -> None:
        """Schedule the lists that a participant has not been sent, now that it can be written to."""
        for board in self._boards_of(participant):
            if participant.wants_presence and participant not in board.up_to_date:
                self._schedule_list(board)

    def refresh(self) -> None:
        """Send the lists again on every board, and this instance's participants to the others."""
        for board in self._boards.values():
            self._schedule_list(board, changed_locally=True)

    async def users(self, board_id: int) -> list[dict[str, object]]:
        """The users on a board, by name, including holders of claims without a connection."""
        board = self._boards.get(board_id)
        entries = list(board.entries.values()) if board else []
        if self._remote is not None:
            entries += await self._remote.exchange(board_id, entries)
        return _merge_users(entries, await self._holders(board_id))

    async def run(self) -> None:
        """Refresh before this instance's participants expire elsewhere, while the server runs."""
        while self._remote is not None:
            await asyncio.sleep(self._remote.seconds / 3)
            self.refresh()

    async def close(self) -> None:
        """Remove all participants, and notify the other instances."""
        for board in list(self._boards.values()):
            board.entries.clear()
            if self._remote is not None:
                await self._remote.exchange(board.board_id, [])
                self._remote.bus.send("presence", board=board.board_id)

    def notify(self, channel: Channel) -> None:
        """A board has new events."""
        board = self._boards.get(channel.board_id)
        if board is not None:
            events = channel.events_after(board.claims_seq, len(channel.recent_events))
            board.claims_seq = channel.head
            if events is None or any(event.name in CLAIM_EVENTS for event in events):
                self._schedule_list(board)

    def lag(self) -> int:
        """Always 0: presence has no backlog."""
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
        """Send the list; False where it could not be read and has to be sent later."""
        changed_locally, board.changed_locally = board.changed_locally, False
        try:
            users = await self.users(board.board_id)
        except Exception as error:
            log.warning("The list of users of board %d could not be sent: %r", board.board_id, error)
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
        data = {"username": entry["username"], "client_id": entry["client_id"], **_pointer(entry)}
        return encode_transient_event("pointer", data, board_id=board.board_id)

    # Messages of other instances

    def _on_remote_list(self, message: Message) -> None:
        if (board := self._boards.get(message["board"])) is not None:
            self._schedule_list(board)

    def _on_remote_pointers(self, message: Message) -> None:
        if (board := self._boards.get(message["board"])) is not None:
            messages = [orjson.dumps(pointer) for pointer in message["pointers"]]
            for participant in board.recipients():
                participant.send_presence(messages)


def _entry(participant: Participant, activity: Activity) -> Entry:
    return {
        "username": participant.username,
        "client": participant.client,
        "client_id": participant.client_id,
        "ticket_id": activity.ticket_id,
        "element": activity.element,
        "x": activity.x,
        "y": activity.y,
        "dragging": activity.dragging,
        "at": time.time(),
    }


def _pointer(entry: Entry) -> dict[str, object]:
    """Where the participant's pointer is."""
    return {"element": entry["element"], "x": entry["x"], "y": entry["y"]}


def _merge_users(entries: list[Entry], holders: dict[str, list[int]]) -> list[dict[str, object]]:
    """One entry per user: a connection with a ticket open if there is one, and of these the latest."""
    users: dict[str, dict[str, object]] = {}
    for entry in sorted(entries, key=lambda entry: (entry["ticket_id"] is not None, entry["at"])):
        users[entry["username"]] = {name: value for name, value in entry.items() if name != "at"}
    absent = {"client": None, "client_id": None, **Activity()._asdict()}
    for name in holders:
        users.setdefault(name, {"username": name, **absent})
    return [{**user, "holds": holders.get(name, [])} for name, user in sorted(users.items())]
