"""The event stream as a state machine: where the reader stands, what is a repeat, what is a gap, when to come back.

No sockets and no clock: `watch` moves the bytes and does the waiting.
"""

from __future__ import annotations

import random
from typing import Any

from kanban_sdk.errors import Unreachable, exception_for
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event, SnapshotTaken, read_event

RECONNECT_CODES = frozenset({1006, 1011, 1012, 1013})
"""Close codes after which a client connects again; every other code is an end."""
NORMAL_CLOSURE, BOARD_DELETED = 1000, 4410
"""The ends that are meant: done; the board is deleted, and its last event was sent."""
SILENCE_SECONDS = 65.0
"""Seconds without a word after which the connection is taken for dead: two heartbeats and a little."""
INITIAL_BACKOFF, BACKOFF_FACTOR, MAX_BACKOFF = 1.0, 1.5, 30.0


class ConnectionLost(Exception):
    """Something between the server and here was lost: connect again from the cursor."""


class StaleCursor(Exception):
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
        self.seq = None if self.cursor is None else _sequence_number(self.cursor)
        self.connected = False
        """Whether the server has greeted this connection."""
        self.needs_snapshot = False
        """Whether the cursor can't be served, so that a snapshot has to come first."""
        self.finished = False
        """Whether nothing more will come."""
        self.attempts = 0
        """Connections since the last one that brought something."""
        self._problem: dict[str, Any] | None = None

    def query(self) -> dict[str, Any]:
        """What to ask the server for."""
        parameters: dict[str, Any] = {"board_id": self.board}
        return parameters if self.cursor is None else {**parameters, "after": self.cursor}

    def receive(self, message: dict[str, Any]) -> Event | None:
        """The event, where the message is the next one; None for a repeat and for what is no event of the board.

        Raises ConnectionLost where one is missing, StaleCursor where the server can't go on from the cursor.
        """
        name = message.get("event")
        if name == "connected":
            self.connected = True
            self._problem = None
            self._adopt_cursor(message["data"].get("cursors", {}))
        elif name == "heartbeat":
            self._check_heartbeat(message["data"].get("cursors", {}))
        elif name == "resync" and message.get("board_id") == self.board:
            self.needs_snapshot = True
            raise StaleCursor(message["data"]["reason"])
        elif name == "error":
            self._problem = message["data"].get("problem")
        elif message.get("board_id") == self.board and "seq" in message:
            return self._accept_event(message)
        return None

    def restart(self, snapshot: Snapshot) -> SnapshotTaken:
        """Go on from a snapshot, which is given out as an event."""
        self.cursor, self.seq, self.needs_snapshot = snapshot.cursor, snapshot.seq, False
        return SnapshotTaken(
            event="snapshot",
            board_id=self.board,
            seq=snapshot.seq,
            cursor=snapshot.cursor,
            actor="system",
            timestamp=snapshot.board.updated_at,
            snapshot=snapshot,
        )

    def on_disconnect(self) -> None:
        """The connection is gone."""
        self.connected = False

    def next_delay(self) -> float:
        """How long to wait before the next connection, in seconds: up to 1 s × 1.5ⁿ, at most 30, with full jitter."""
        ceiling = min(
            MAX_BACKOFF, INITIAL_BACKOFF * BACKOFF_FACTOR ** min(self.attempts, 99)
        )  # for ever, and floats end
        self.attempts += 1
        return random.uniform(0, ceiling)

    def closed_for_good(self, code: int) -> bool:
        """Whether the stream is over for good. Raises Refused, or Unreachable, where it was not meant to end."""
        if code in RECONNECT_CODES:
            return False
        if self._problem is not None:
            raise exception_for(self._problem)
        if code not in {NORMAL_CLOSURE, BOARD_DELETED}:
            raise Unreachable(f"board {self.board}", f"the server closed the stream with code {code}")
        self.finished = True
        return True

    def _adopt_cursor(self, cursors: dict[str, str]) -> None:
        """Take the server's cursor: where the log is now, or the whole cursor for a bare number."""
        cursor = cursors.get(str(self.board))
        if cursor is not None and (self.cursor is None or _sequence_number(cursor) == self.seq):
            self.cursor, self.seq = cursor, _sequence_number(cursor)

    def _check_heartbeat(self, cursors: dict[str, str]) -> None:
        """A heartbeat says what was sent: more than was received is a loss."""
        cursor = cursors.get(str(self.board))
        sent = None if cursor is None else _sequence_number(cursor)
        if sent is not None and self.seq is not None and sent > self.seq:
            raise ConnectionLost(f"the server has sent {cursor}, and {self.cursor} has arrived")
        self.attempts = 0

    def _accept_event(self, message: dict[str, Any]) -> Event | None:
        seq: int = message["seq"]
        if self.seq is not None:
            if seq <= self.seq:
                return None
            if seq != self.seq + 1:
                raise ConnectionLost(f"event {seq} came after event {self.seq}")
        event = read_event(message)
        self.seq, self.cursor, self.attempts = seq, event.cursor, 0
        self.finished = event.event == "board_deleted"
        return event


def _sequence_number(cursor: str) -> int | None:
    """The number in a cursor; None where the server will have to say what it thinks of it."""
    digits = cursor.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else None
