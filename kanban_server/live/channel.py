"""A board's channel: the head of its event log, its recent events and its subscribers.

Most readers are at the same position and can be written to: they share one cursor, and are written to without a check
of each (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Protocol

import orjson

from kanban_server.live.memory_budget import MemoryBudget
from kanban_server.rules.events import EncodedEvent

MAX_PUSH_BYTES = 256 * 1024
"""Maximum bytes written to one socket per turn of the loop."""
MAX_RECENT_BYTES = 4 * 1024 * 1024
"""Maximum bytes of a board's recent events in memory: some thousand events, unless they are long."""


class Subscriber(Protocol):
    """A subscriber to boards."""

    def notify(self, channel: Channel) -> None:
        """The board has new events. Called on the loop; must not block."""

    def lag(self) -> int:
        """Number of events not sent to it yet, over all its boards."""


class SharedCursorSubscriber(Subscriber, Protocol):
    """A subscriber that can share a cursor with others."""

    def use_own_cursor(self, channel: Channel) -> None:
        """Leave the shared cursor, at its position."""


class FrameWriter(Protocol):
    """The write side of a transport."""

    def write(self, data: bytes, /) -> None:
        """Write bytes."""

    def is_closing(self) -> bool:
        """Whether it is closing."""


class Channel:
    """A board's head, recent events and subscribers."""

    def __init__(self, board_id: int, max_recent_events: int, memory: MemoryBudget) -> None:
        self.board_id = board_id
        self.head = 0
        """The last event that was published here; 0 before the first."""
        self.known_head = 0
        """The last event known to exist; beyond `head` where another instance wrote in between."""
        self.epoch: str | None = None
        """The log's epoch, known from the first published event on."""
        self.deleted = False
        self.recent_events: deque[EncodedEvent] = deque()
        self._max_recent_events = max_recent_events
        self._memory = memory
        self._numbers: deque[int] = deque()
        """For each recent event, its number in the order of all boards' events."""
        self._bytes = 0
        self.subscribers: set[Subscriber] = set()
        """Subscribers with a cursor of their own, notified one by one."""
        self.shared_writers: dict[SharedCursorSubscriber, FrameWriter] = {}
        """Subscribers that were sent everything up to `shared_seq` and can be written to."""
        self.shared_seq = 0
        self._frames: dict[int, bytes | None] = {}

    @property
    def oldest_number(self) -> int:
        """The oldest recent event's number in the order of all boards' events."""
        return self._numbers[0]

    def add(self, event: EncodedEvent, *, keep_recent: bool) -> bool:
        """Add the event after `head`, or the very first one; False for any other.

        `keep_recent`: whether it stays in memory. Where nobody subscribes, events are read from the event log.
        """
        if self.head and event.seq != self.head + 1:
            return False
        self.epoch = self.epoch or epoch_of(event)
        if event.name == "ticket_redacted":
            self.clear_recent()  # they still have the text that was blanked in the event log
        if keep_recent:
            self._append_recent(event)
        else:
            self.clear_recent()  # recent events have no gaps
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
        """Drop the oldest recent event."""
        size = len(self.recent_events.popleft().json)
        self._numbers.popleft()
        self._bytes -= size
        self._memory.release(size)

    def clear_recent(self) -> None:
        """Drop all recent events."""
        if self.recent_events:
            self._memory.release(self._bytes, len(self.recent_events))
            self.recent_events.clear()
            self._numbers.clear()
            self._bytes = 0
        self._frames.clear()

    def skip_to_known_head(self) -> None:
        """Set `head` to the last known event; earlier ones have to be read from the event log."""
        self.clear_recent()
        self.head = self.known_head

    def events_after(self, seq: int, limit: int) -> list[EncodedEvent] | None:
        """The events after `seq`, or None where memory does not reach back so far."""
        if self.head and seq == self.head:
            return []
        if not self.recent_events or seq + 1 < self.recent_events[0].seq:
            return None
        start = seq + 1 - self.recent_events[0].seq
        return list(islice(self.recent_events, start, start + limit))

    def push(self) -> None:
        """Write new events to all on the shared cursor; where that is not possible, each gets a cursor of its own."""
        frames = self.frames_after(self.shared_seq) if self.shared_writers and not self.deleted else None
        if frames is None:
            for subscriber in list(self.shared_writers):
                subscriber.use_own_cursor(self)
        self.shared_seq = self.head  # set before writing: a subscriber that blocks meanwhile leaves at the new position
        if frames:
            for writer in list(self.shared_writers.values()):
                if not writer.is_closing():
                    writer.write(frames)

    def clear_frames(self) -> None:
        """Drop the frames after a push; later readers build them again."""
        self._frames.clear()

    def share_cursor(self, subscriber: SharedCursorSubscriber, writer: FrameWriter) -> None:
        """Move a subscriber that was sent all pushed events to the shared cursor."""
        self.subscribers.discard(subscriber)
        self.shared_writers[subscriber] = writer

    def unshare_cursor(self, subscriber: SharedCursorSubscriber) -> None:
        """Give a subscriber its own cursor again."""
        if self.shared_writers.pop(subscriber, None) is not None:
            self.subscribers.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Remove a subscriber."""
        self.subscribers.discard(subscriber)
        self.shared_writers.pop(subscriber, None)  # type: ignore[call-overload]

    def frames_after(self, seq: int) -> bytes | None:
        """All WebSocket frames after `seq`, joined once per position; None where too large or not in memory."""
        if seq not in self._frames:
            events = self.events_after(seq, len(self.recent_events))
            joined = None if events is None else b"".join(text_frame(event.json) for event in events)
            self._frames[seq] = joined if joined is not None and len(joined) <= MAX_PUSH_BYTES else None
        return self._frames[seq]


def epoch_of(event: EncodedEvent) -> str:
    """The epoch of an event's log."""
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
