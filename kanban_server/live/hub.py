"""The hub: rings a board's bell when its log has grown, and keeps the newest events at hand.

A bell carries no news. Each stream has a cursor of its own and takes what follows it, from the ring of recent events or
from the journal when it is further behind; so replay and live are one path, and a slow reader lags on its own cursor.
What another instance wrote is read from the journal once for all who follow the board.

Most readers stand at the same place, and can be written to: those are abreast, share one cursor, and are written to
without a look at each (docs/decisions/0004-shared-frames.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from time import perf_counter
from typing import Protocol

import orjson

from kanban_server.rules.counts import Streams
from kanban_server.rules.events import Logged

log = logging.getLogger("kanban.live")

ReadAfter = Callable[[int, int, int], Awaitable[list[Logged]]]
"""`(board, seq, most)`: the board's events behind `seq`."""

FILL = 500
"""Events of another instance that are read at a time."""
PUSH_BYTES = 256 * 1024
"""What is written to one socket in one turn, at most."""


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


class Stream(Protocol):
    """One whom the server talks to."""

    client: str
    """What kind of client reads it."""

    @property
    def follower(self) -> Follower:
        """The part of it that follows boards."""

    def hear(self, event: Logged) -> None:
        """A board was created, which this stream does not follow."""

    def end(self) -> None:
        """The server stops."""

    async def recheck(self) -> None:
        """Who may see what has changed: go on with what may still be followed, or end."""


class Channel:
    """A board as its readers need it: where its log ends, its newest events, and who follows."""

    def __init__(self, board_id: int, recent: int) -> None:
        self.board_id = board_id
        self.head = 0
        """The newest event at hand; 0 before the first."""
        self.known = 0
        """The newest event that is known of; more than `head` where another instance wrote in between."""
        self.epoch: str | None = None
        """The log's epoch, known by the first event at hand."""
        self.deleted = False
        self.ring: deque[Logged] = deque(maxlen=recent)
        self.followers: set[Follower] = set()
        """Those who are rung for each."""
        self.abreast: dict[Abreast, Writer] = {}
        """Those who follow too, were given all up to `pushed`, and can be written to."""
        self.pushed = 0
        self._frames: dict[int, bytes | None] = {}

    def add(self, event: Logged) -> bool:
        """Take the event behind the head, or the first one of all; False for any other."""
        if self.head and event.seq != self.head + 1:
            return False
        self.epoch = self.epoch or epoch_of(event)
        if event.name == "ticket_redacted":
            self.ring.clear()  # what was blanked in the journal stands there still
        self.ring.append(event)
        self.head = event.seq
        self.known = max(self.known, event.seq)
        self.deleted = event.name == "board_deleted"
        self._frames.clear()
        return True

    def skip(self) -> None:
        """Go to the newest event that is known of: who needs those before it reads the journal."""
        self.ring.clear()
        self._frames.clear()
        self.head = self.known

    def after(self, seq: int, most: int) -> list[Logged] | None:
        """The events behind `seq`, or None where the ring does not reach back so far."""
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


class Hub:
    """All channels, and the one push a loop turn that serves them."""

    def __init__(self, read_after: ReadAfter, *, recent: int) -> None:
        self._read_after = read_after
        self._recent = recent
        self._channels: dict[int, Channel] = {}
        self._everywhere: set[Follower] = set()
        self._streams: set[Stream] = set()
        self._grown: set[Channel] = set()
        self._created: list[Logged] = []
        self._since: float | None = None
        self._filling: dict[Channel, asyncio.Task[None]] = {}
        self.counts = Streams()
        self.closing = False

    def channel(self, board_id: int) -> Channel:
        """The board's channel."""
        known = self._channels.get(board_id)
        return known or self._channels.setdefault(board_id, Channel(board_id, self._recent))

    def channels(self) -> list[Channel]:
        """All channels that were ever needed."""
        return list(self._channels.values())

    def publish(self, events: Iterable[Logged], committed_at: float | None = None) -> None:
        """Events were committed. Readers are pushed once a loop turn, however many commits there were in it.

        `committed_at` is when, by `perf_counter`, where it was here.
        """
        self._since = self._since or committed_at
        for event in events:
            channel = self.channel(event.board_id)
            if channel.add(event):
                self._ring(channel)
                if event.name == "board_created":
                    self._created.append(event)
            else:
                self.reached(event.board_id, event.seq)

    def reached(self, board_id: int, seq: int) -> None:
        """A board's log is known to have come so far, whoever wrote it."""
        channel = self.channel(board_id)
        channel.known = max(channel.known, seq)
        if channel.head < channel.known:
            self._fill(channel)

    def followed(self) -> list[int]:
        """The boards that anybody follows."""
        everything = bool(self._everywhere)
        return [one.board_id for one in self._channels.values() if everything or one.followers or one.abreast]

    def appeared(self, event: Logged) -> None:
        """Another instance created a board: its first event."""
        channel = self.channel(event.board_id)
        if not channel.head:
            self.publish([event])
            return
        channel.epoch = epoch_of(event)
        self._created.append(event)
        self._ring(channel)

    def _fill(self, channel: Channel) -> None:
        """Get what lies between the events at hand and the newest one, if anybody is there for it."""
        followed = channel.followers or channel.abreast or self._everywhere
        if not channel.head or not followed or channel.known - channel.head > self._recent:
            channel.skip()
            self._ring(channel)
        elif channel not in self._filling:
            self._filling[channel] = asyncio.create_task(self._read(channel))

    async def _read(self, channel: Channel) -> None:
        try:
            while channel.head < channel.known:
                events = await self._read_after(channel.board_id, channel.head, FILL)
                if not events or events[0].seq > channel.head + 1:  # trimmed meanwhile: each reader finds out itself
                    channel.skip()
                    self._ring(channel)
                    break
                self.publish(events)
        except Exception as error:
            log.info("Board %d was not read behind event %d: %r", channel.board_id, channel.head, error)
        finally:
            del self._filling[channel]

    def _ring(self, channel: Channel) -> None:
        if not self._grown:
            asyncio.get_running_loop().call_soon(self._push)
        self._grown.add(channel)

    def _push(self) -> None:
        grown, self._grown = self._grown, set()
        created, self._created = self._created, []
        since, self._since = self._since, None
        for channel in grown:
            channel.push()
            for follower in [*channel.followers, *self._everywhere]:
                follower.advance(channel)
        for event in created:
            channel = self.channel(event.board_id)
            followers = channel.followers | channel.abreast.keys() | self._everywhere
            for stream in self._streams:
                if stream.follower not in followers:
                    stream.hear(event)
        if since is not None and self._streams:
            self.counts.seconds.add(perf_counter() - since)

    def open(self, stream: Stream) -> None:
        """A stream begins; it follows nothing yet."""
        self._streams.add(stream)

    def follow(self, follower: Follower, board_id: int | None) -> None:
        """Ring the bell when this board grows; None is every board, those to come included."""
        (self._everywhere if board_id is None else self.channel(board_id).followers).add(follower)

    def unfollow(self, follower: Follower, board_id: int) -> None:
        """No longer ring for this board."""
        self.channel(board_id).drop(follower)

    def leave(self, stream: Stream) -> None:
        """The stream is gone."""
        self._streams.discard(stream)
        self._everywhere.discard(stream.follower)
        for channel in self._channels.values():
            channel.drop(stream.follower)

    async def recheck(self) -> None:
        """Let each stream see anew what it may follow."""
        for stream in list(self._streams):
            await stream.recheck()

    def count(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    def streams(self) -> list[Stream]:
        """All streams."""
        return list(self._streams)

    async def after(self, board_id: int, seq: int, most: int) -> list[Logged]:
        """The board's events behind `seq`, at most so many: from memory, or from the journal."""
        channel = self.channel(board_id)
        recent = channel.after(seq, most) if channel.head == channel.known else None
        return recent if recent is not None else await self._read_after(board_id, seq, most)

    def close(self) -> None:
        """End all streams, and let none begin."""
        self.closing = True
        for stream in list(self._streams):
            stream.end()


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
