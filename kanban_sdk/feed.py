"""The event stream as a state machine: where the reader stands, what is a repeat, what is a gap, when to come back.

No sockets and no clock: `watch` moves the bytes and does the waiting.
"""

from __future__ import annotations

import random
from typing import Any

from kanban_sdk.errors import Unreachable, refused
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event, SnapshotTaken, read_event

COME_BACK = frozenset({1006, 1011, 1012, 1013})
"""Close codes after which a client connects again; every other code is an end."""
DONE, GONE = 1000, 4410
"""The ends that are meant: done; the board is deleted, and its last event was sent."""
SILENCE = 65.0
"""Seconds without a word after which the connection is taken for dead: two heartbeats and a little."""
FIRST_CEILING, GROWTH, CEILING = 1.0, 1.5, 30.0


class Lost(Exception):
    """Something between the server and here was lost: connect again from the cursor."""


class Stale(Exception):
    """The cursor can't be served any longer: take a snapshot. `reason` is trimmed, epoch or ahead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Feed:
    """What one reader knows of one board's stream."""

    def __init__(self, board: int, after: str | int | None = None) -> None:
        self.board = board
        self.cursor = None if after is None else str(after)
        """Everything up to here was given out; None before the first connection of a reader that starts now."""
        self.seq = None if self.cursor is None else _number(self.cursor)
        self.connected = False
        """Whether the server has greeted this connection."""
        self.stale = False
        """Whether the cursor can't be served, so that a snapshot has to come first."""
        self.over = False
        """Whether nothing more will come."""
        self.attempts = 0
        """Connections since the last one that brought something."""
        self._problem: dict[str, Any] | None = None

    def query(self) -> dict[str, Any]:
        """What to ask the server for."""
        asked: dict[str, Any] = {"board_id": self.board}
        return asked if self.cursor is None else {**asked, "after": self.cursor}

    def receive(self, message: dict[str, Any]) -> Event | None:
        """The event, where the message is the next one; None for a repeat and for what is no event of the board.

        Raises Lost where one is missing, and Stale where the server can't go on from the cursor.
        """
        name = message.get("event")
        if name == "connected":
            self.connected = True
            self._problem = None
            self._stand(message["data"].get("cursors", {}))
        elif name == "heartbeat":
            self._compare(message["data"].get("cursors", {}))
        elif name == "resync" and message.get("board_id") == self.board:
            self.stale = True
            raise Stale(message["data"]["reason"])
        elif name == "error":
            self._problem = message["data"].get("problem")
        elif message.get("board_id") == self.board and "seq" in message:
            return self._next(message)
        return None

    def restart(self, snapshot: Snapshot) -> SnapshotTaken:
        """Go on from a snapshot, which is given out as an event."""
        self.cursor, self.seq, self.stale = snapshot.cursor, snapshot.seq, False
        return SnapshotTaken(
            event="snapshot",
            board_id=self.board,
            seq=snapshot.seq,
            cursor=snapshot.cursor,
            actor="system",
            timestamp=snapshot.board.updated_at,
            snapshot=snapshot,
        )

    def disconnected(self) -> None:
        """The connection is gone."""
        self.connected = False

    def wait(self) -> float:
        """How long to wait before the next connection, in seconds: up to 1 s × 1.5ⁿ, at most 30, with full jitter."""
        ceiling = min(CEILING, FIRST_CEILING * GROWTH ** min(self.attempts, 99))  # for ever, and floats end
        self.attempts += 1
        return random.uniform(0, ceiling)

    def ended(self, code: int) -> bool:
        """Whether the stream is over for good. Raises Refused, or Unreachable, where it was not meant to end."""
        if code in COME_BACK:
            return False
        if self._problem is not None:
            raise refused(self._problem)
        if code not in {DONE, GONE}:
            raise Unreachable(f"board {self.board}", f"the server closed the stream with code {code}")
        self.over = True
        return True

    def _stand(self, cursors: dict[str, str]) -> None:
        """Take the server's cursor: where the log is now, or the whole cursor for a bare number."""
        said = cursors.get(str(self.board))
        if said is not None and (self.cursor is None or _number(said) == self.seq):
            self.cursor, self.seq = said, _number(said)

    def _compare(self, cursors: dict[str, str]) -> None:
        """A heartbeat says what was sent: more than was received is a loss."""
        said = cursors.get(str(self.board))
        sent = None if said is None else _number(said)
        if sent is not None and self.seq is not None and sent > self.seq:
            raise Lost(f"the server has sent {said}, and {self.cursor} has arrived")
        self.attempts = 0

    def _next(self, message: dict[str, Any]) -> Event | None:
        seq: int = message["seq"]
        if self.seq is not None:
            if seq <= self.seq:
                return None
            if seq != self.seq + 1:
                raise Lost(f"event {seq} came after event {self.seq}")
        event = read_event(message)
        self.seq, self.cursor, self.attempts = seq, event.cursor, 0
        self.over = event.event == "board_deleted"
        return event


def _number(cursor: str) -> int | None:
    """The number in a cursor; None where the server will have to say what it thinks of it."""
    digits = cursor.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else None
