"""A board as its readers need it: where its log ends, its newest events, and who follows.

Most readers stand at the same place, and can be written to: those are abreast, share one cursor, and are written to
without a look at each (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Protocol

import orjson

from kanban_server.live.memory import Memory
from kanban_server.rules.events import Logged

PUSH_BYTES = 256 * 1024
"""What is written to one socket in one turn, at most."""
RING_BYTES = 4 * 1024 * 1024
"""What is kept at hand of one board, at most; some thousand events, where they are not long."""


class Follower(Protocol):
    """One who follows boards."""

    def advance(self, channel: Channel) -> None:
        """The board's log has grown. Called on the loop; must not block."""

    def behind(self) -> int:
        """How many events it has yet to be given, of all its boards."""


class Abreast(Follower, Protocol):
    """One who can go abreast with others."""

    def step_out(self, channel: Channel) -> None:
        """Stand alone again, where those who are abreast stand."""


class Writer(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> None:
        """Write."""

    def is_closing(self) -> bool:
        """Whether it ends."""


class Channel:
    """A board as its readers need it: where its log ends, its newest events, and who follows."""

    def __init__(self, board_id: int, recent: int, memory: Memory) -> None:
        self.board_id = board_id
        self.head = 0
        """The newest event at hand; 0 before the first."""
        self.known = 0
        """The newest event that is known of; more than `head` where another instance wrote in between."""
        self.epoch: str | None = None
        """The log's epoch, known by the first event at hand."""
        self.deleted = False
        self.ring: deque[Logged] = deque()
        self._recent = recent
        self._memory = memory
        self._numbers: deque[int] = deque()
        """The place of each event of the ring among those of all boards."""
        self._bytes = 0
        self.followers: set[Follower] = set()
        """Those who are rung for each."""
        self.abreast: dict[Abreast, Writer] = {}
        """Those who follow too, were given all up to `pushed`, and can be written to."""
        self.pushed = 0
        self._frames: dict[int, bytes | None] = {}

    @property
    def oldest(self) -> int:
        """The place of the oldest event at hand among those of all boards."""
        return self._numbers[0]

    def add(self, event: Logged, *, keep: bool) -> bool:
        """Take the event behind the head, or the first one of all; False for any other.

        `keep`: whether it stays at hand. Where nobody follows the board, its events are read from the journal.
        """
        if self.head and event.seq != self.head + 1:
            return False
        self.epoch = self.epoch or epoch_of(event)
        if event.name == "ticket_redacted":
            self.forget()  # what was blanked in the journal stands there still
        if keep:
            self._keep(event)
        else:
            self.forget()  # the ring has no gaps
        self.head = event.seq
        self.known = max(self.known, event.seq)
        self.deleted = event.name == "board_deleted"
        self._frames.clear()
        return True

    def _keep(self, event: Logged) -> None:
        size = len(event.json)
        self.ring.append(event)
        self._numbers.append(self._memory.take(size))
        self._bytes += size
        while len(self.ring) > self._recent or (self._bytes > RING_BYTES and len(self.ring) > 1):
            self.drop_oldest()

    def drop_oldest(self) -> None:
        """Keep the oldest event no longer at hand."""
        size = len(self.ring.popleft().json)
        self._numbers.popleft()
        self._bytes -= size
        self._memory.give_back(size)

    def forget(self) -> None:
        """Keep no event at hand."""
        if self.ring:
            self._memory.give_back(self._bytes, len(self.ring))
            self.ring.clear()
            self._numbers.clear()
            self._bytes = 0
        self._frames.clear()

    def skip(self) -> None:
        """Go to the newest event that is known of: who needs those before it reads the journal."""
        self.forget()
        self.head = self.known

    def after(self, seq: int, most: int) -> list[Logged] | None:
        """The events behind `seq`, or None where the ring does not reach back so far."""
        if self.head and seq == self.head:
            return []
        if not self.ring or seq + 1 < self.ring[0].seq:
            return None
        start = seq + 1 - self.ring[0].seq
        return list(islice(self.ring, start, start + most))

    def push(self) -> None:
        """Write what is new to all who are abreast; where that can't be, each stands alone again."""
        frames = self.frames_after(self.pushed) if self.abreast and not self.deleted else None
        if frames is None:
            for follower in list(self.abreast):
                follower.step_out(self)
        self.pushed = self.head  # before they are written to: who can't take more meanwhile steps out behind it
        if frames:
            for writer in list(self.abreast.values()):
                if not writer.is_closing():
                    writer.write(frames)

    def pushed_to_all(self) -> None:
        """Everybody was told: let go of the frames, which are made again for who comes later."""
        self._frames.clear()

    def join(self, follower: Abreast, writer: Writer) -> None:
        """Let one go abreast who was given all that was pushed."""
        self.followers.discard(follower)
        self.abreast[follower] = writer

    def part(self, follower: Abreast) -> None:
        """Ring for this one by itself again."""
        if self.abreast.pop(follower, None) is not None:
            self.followers.add(follower)

    def drop(self, follower: Follower) -> None:
        """Ring for this one no more."""
        self.followers.discard(follower)
        self.abreast.pop(follower, None)  # type: ignore[call-overload]

    def frames_after(self, seq: int) -> bytes | None:
        """All WebSocket frames behind `seq`, joined once for all who stand there; None where that is too much."""
        if seq not in self._frames:
            events = self.after(seq, len(self.ring))
            joined = None if events is None else b"".join(text_frame(event.json) for event in events)
            self._frames[seq] = joined if joined is not None and len(joined) <= PUSH_BYTES else None
        return self._frames[seq]


def epoch_of(event: Logged) -> str:
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
