"""The event stream as a state machine: the reader's position, repeats, gaps, and when to reconnect.

No sockets and no clock: `watch` does the I/O and the waiting.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from kanban_sdk.errors import Unreachable
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event, SnapshotTaken, StreamMessage, read_event

if TYPE_CHECKING:
    from kanban_sdk.wire.problems import ProblemDetails

RECONNECT_CODES = frozenset({1006, 1011, 1012, 1013})
"""Close codes after which a client connects again; every other code ends the watch."""
NORMAL_CLOSURE, BOARD_DELETED = 1000, 4410
"""The intended ends: done; the board is deleted, and its last event was sent."""
NO_CONTENT = 204
"""The status of server-sent events after the last event of a deleted board."""
SILENCE_SECONDS = 65.0
"""Seconds without a message after which the connection counts as dead: two heartbeats and some slack."""
INITIAL_BACKOFF, BACKOFF_FACTOR, MAX_BACKOFF = 1.0, 1.5, 30.0


class ConnectionLost(Exception):
    """The connection, or a message on it, was lost: connect again from the cursor."""


class StaleCursor(Exception):
    """The cursor can no longer be served: take a snapshot. `reason` is trimmed, epoch or ahead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Feed:
    """The state of one reader of one board's stream."""

    def __init__(self, board: int, after: str | int | None = None) -> None:
        self.board = board
        self.cursor = None if after is None else str(after)
        """Everything up to here was delivered; None before the first connection of a reader that starts from now."""
        self.seq = None if self.cursor is None else _sequence_number(self.cursor)
        self.connected = False
        """Whether the server has sent its greeting on this connection."""
        self.needs_snapshot = False
        """Whether the cursor can't be served, so that a snapshot is needed first."""
        self.finished = False
        """Whether the stream has ended."""
        self.attempts = 0
        """Connections since the last one that delivered something."""
        self._problem: ProblemDetails | None = None

    def query(self) -> dict[str, str | int]:
        """The query parameters of the next connection."""
        return {"board_id": self.board} if self.cursor is None else {"board_id": self.board, "after": self.cursor}

    def receive(self, message: StreamMessage) -> Event | None:
        """The event if the message is the next one; None for a repeat and for a message that is no event of the board.

        Raises ConnectionLost if an event is missing, StaleCursor if the server can't continue from the cursor.
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
        """Continue from a snapshot, which is delivered as an event."""
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
        """Note that the connection is closed."""
        self.connected = False

    def next_delay(self) -> float:
        """Seconds to wait before the next connection: up to 1 s × 1.5ⁿ, at most 30, with full jitter."""
        ceiling = min(
            MAX_BACKOFF, INITIAL_BACKOFF * BACKOFF_FACTOR ** min(self.attempts, 99)
        )  # n is bounded, as a float would overflow
        self.attempts += 1
        return random.uniform(0, ceiling)

    def closed_for_good(self, code: int) -> bool:
        """Whether the stream is over for good. Raises Refused, or Unreachable, if the end was not intended."""
        if code in RECONNECT_CODES:
            return False
        if self._problem is not None:
            raise exception_for(self._problem)
        if code not in {NORMAL_CLOSURE, BOARD_DELETED}:
            raise Unreachable(f"board {self.board}", f"the server closed the stream with code {code}")
        self.finished = True
        return True

    def end_of_log(self, status: int, problem: ProblemDetails) -> bool:
        """Whether a refused stream of server-sent events says that nothing comes, or that a snapshot is needed."""
        self.finished = self.finished or status == NO_CONTENT
        self.needs_snapshot = self.needs_snapshot or problem.get("type") == "resync"
        return self.finished or self.needs_snapshot

    def _adopt_cursor(self, cursors: dict[str, str]) -> None:
        """Adopt the server's cursor: the log's current position, or the full cursor for a bare number."""
        cursor = cursors.get(str(self.board))
        if cursor is not None and (self.cursor is None or _sequence_number(cursor) == self.seq):
            self.cursor, self.seq = cursor, _sequence_number(cursor)

    def _check_heartbeat(self, cursors: dict[str, str]) -> None:
        """Compare a heartbeat's counts with what was received. Raises ConnectionLost if more was sent."""
        cursor = cursors.get(str(self.board))
        sent = None if cursor is None else _sequence_number(cursor)
        if sent is not None and self.seq is not None and sent > self.seq:
            raise ConnectionLost(f"the server has sent {cursor}, and {self.cursor} has arrived")
        self.attempts = 0

    def _accept_event(self, message: StreamMessage) -> Event | None:
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
    """The number in a cursor; None if it has none, which is left to the server to judge."""
    digits = cursor.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else None
