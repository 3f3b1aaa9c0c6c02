"""A board as its readers need it: where its log ends, its newest events, and who follows.

Most readers stand at the same place, and can be written to: those are abreast, share one cursor, and are written to
without a look at each (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Protocol

import orjson

from kanban_server.live.memory_budget import MemoryBudget
from kanban_server.rules.events import EncodedEvent

MAX_PUSH_BYTES = 256 * 1024
"""What is written to one socket in one turn, at most."""
MAX_RECENT_BYTES = 4 * 1024 * 1024
"""What is kept at hand of one board, at most; some thousand events, where they are not long."""


class Subscriber(Protocol):
    """One who follows boards."""

    def notify(self, channel: Channel) -> None:
        """The board's log has grown. Called on the loop; must not block."""

    def lag(self) -> int:
        """How many events it has yet to be given, of all its boards."""


class SharedCursorSubscriber(Subscriber, Protocol):
    """One who can go abreast with others."""

    def use_own_cursor(self, channel: Channel) -> None:
        """Stand alone again, where those who are abreast stand."""


class FrameWriter(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> None:
        """Write."""

    def is_closing(self) -> bool:
        """Whether it ends."""


class Channel:
    """A board as its readers need it: where its log ends, its newest events, and who follows."""

    def __init__(self, board_id: int, max_recent_events: int, memory: MemoryBudget) -> None:
        self.board_id = board_id
        self.head = 0
        """The newest event at hand; 0 before the first."""
        self.known_head = 0
        """The newest event that is known of; more than `head` where another instance wrote in between."""
        self.epoch: str | None = None
        """The log's epoch, known by the first event at hand."""
        self.deleted = False
        self.recent_events: deque[EncodedEvent] = deque()
        self._max_recent_events = max_recent_events
        self._memory = memory
        self._numbers: deque[int] = deque()
        """The place of each event of the ring among those of all boards."""
        self._bytes = 0
        self.subscribers: set[Subscriber] = set()
        """Those who are rung for each."""
        self.shared_writers: dict[SharedCursorSubscriber, FrameWriter] = {}
        """Those who follow too, were given all up to `pushed`, and can be written to."""
        self.shared_seq = 0
        self._frames: dict[int, bytes | None] = {}

    @property
    def oldest_number(self) -> int:
        """The place of the oldest event at hand among those of all boards."""
        return self._numbers[0]

    def add(self, event: EncodedEvent, *, keep_recent: bool) -> bool:
        """Take the event behind the head, or the first one of all; False for any other.

        `keep`: whether it stays at hand. Where nobody follows the board, its events are read from the journal.
        """
        if self.head and event.seq != self.head + 1:
            return False
        self.epoch = self.epoch or epoch_of(event)
        if event.name == "ticket_redacted":
            self.clear_recent()  # what was blanked in the journal stands there still
        if keep_recent:
            self._append_recent(event)
        else:
            self.clear_recent()  # the ring has no gaps
        self.head = event.seq
        self.known_head = max(self.known_head, event.seq)
        self.deleted = event.name == "board_deleted"
        self._frames.clear()
        return True

    def _append_recent(self, event: EncodedEvent) -> None:
        size = len(event.json)
        self.recent_events.append(event)
        self._numbers.append(self._memory.reserve(size))
        self._bytes += size
        while len(self.recent_events) > self._max_recent_events or (
            self._bytes > MAX_RECENT_BYTES and len(self.recent_events) > 1
        ):
            self.drop_oldest()

    def drop_oldest(self) -> None:
        """Keep the oldest event no longer at hand."""
        size = len(self.recent_events.popleft().json)
        self._numbers.popleft()
        self._bytes -= size
        self._memory.release(size)

    def clear_recent(self) -> None:
        """Keep no event at hand."""
        if self.recent_events:
            self._memory.release(self._bytes, len(self.recent_events))
            self.recent_events.clear()
            self._numbers.clear()
            self._bytes = 0
        self._frames.clear()

    def skip_to_known_head(self) -> None:
        """Go to the newest event that is known of: who needs those before it reads the journal."""
        self.clear_recent()
        self.head = self.known_head

    def events_after(self, seq: int, limit: int) -> list[EncodedEvent] | None:
        """The events behind `seq`, or None where the ring does not reach back so far."""
        if self.head and seq == self.head:
            return []
        if not self.recent_events or seq + 1 < self.recent_events[0].seq:
            return None
        start = seq + 1 - self.recent_events[0].seq
        return list(islice(self.recent_events, start, start + limit))

    def push(self) -> None:
        """Write what is new to all who are abreast; where that can't be, each stands alone again."""
        frames = self.frames_after(self.shared_seq) if self.shared_writers and not self.deleted else None
        if frames is None:
            for subscriber in list(self.shared_writers):
                subscriber.use_own_cursor(self)
        self.shared_seq = self.head  # before they are written to: who can't take more meanwhile steps out behind it
        if frames:
            for writer in list(self.shared_writers.values()):
                if not writer.is_closing():
                    writer.write(frames)

    def clear_frames(self) -> None:
        """Everybody was told: let go of the frames, which are made again for who comes later."""
        self._frames.clear()

    def share_cursor(self, subscriber: SharedCursorSubscriber, writer: FrameWriter) -> None:
        """Let one go abreast who was given all that was pushed."""
        self.subscribers.discard(subscriber)
        self.shared_writers[subscriber] = writer

    def unshare_cursor(self, subscriber: SharedCursorSubscriber) -> None:
        """Ring for this one by itself again."""
        if self.shared_writers.pop(subscriber, None) is not None:
            self.subscribers.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Ring for this one no more."""
        self.subscribers.discard(subscriber)
        self.shared_writers.pop(subscriber, None)  # type: ignore[call-overload]

    def frames_after(self, seq: int) -> bytes | None:
        """All WebSocket frames behind `seq`, joined once for all who stand there; None where that is too much."""
        if seq not in self._frames:
            events = self.events_after(seq, len(self.recent_events))
            joined = None if events is None else b"".join(text_frame(event.json) for event in events)
            self._frames[seq] = joined if joined is not None and len(joined) <= MAX_PUSH_BYTES else None
        return self._frames[seq]


def epoch_of(event: EncodedEvent) -> str:
    """The epoch of the log that an event stands in."""
    cursor: str = orjson.loads(event.json)["cursor"]
    return cursor.rpartition("-")[0]


def text_frame(payload: bytes) -> bytes:
    """The payload as one unmasked, unfragmented WebSocket text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
