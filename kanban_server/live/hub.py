"""The hub: rings a board's bell when its log has grown, and keeps the newest events at hand.

A bell carries no news. Each stream has a cursor of its own and takes what follows it, from the ring of recent events or
from the journal when it is further behind; so replay and live are one path, and a slow reader lags on its own cursor.
What another instance wrote is read from the journal once for all who follow the board.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from time import perf_counter
from typing import Protocol

from kanban_server.live.channel import Channel, Follower, epoch_of
from kanban_server.live.memory import Memory
from kanban_server.rules.counts import Streams
from kanban_server.rules.events import Logged

log = logging.getLogger("kanban.live")

ReadAfter = Callable[[int, int, int], Awaitable[list[Logged]]]
"""`(board, seq, most)`: the board's events behind `seq`."""

FILL = 500
"""Events of another instance that are read at a time."""


class Stream(Protocol):
    """One whom the server talks to."""

    client: str
    """What kind of client reads it."""

    @property
    def owner(self) -> Hashable:
        """The token that it counts for; None where there is none."""

    @property
    def follower(self) -> Follower:
        """The part of it that follows boards."""

    def hear(self, event: Logged) -> None:
        """A board was created, which this stream does not follow."""

    def end(self) -> None:
        """The server stops."""

    async def recheck(self) -> None:
        """Who may see what has changed: go on with what may still be followed, or end."""


class Hub:
    """All channels, and the push for each commit that serves them.

    `recent` events of each board that somebody follows are kept at hand, and `most` bytes of all boards together.
    """

    def __init__(self, read_after: ReadAfter, *, recent: int, most: int) -> None:
        self._read_after = read_after
        self._recent = recent
        self.memory = Memory(most)
        self._channels: dict[int, Channel] = {}
        self._everywhere: set[Follower] = set()
        self._streams: set[Stream] = set()
        self._by_owner: Counter[Hashable] = Counter()
        self._grown: set[Channel] = set()
        self._created: list[Logged] = []
        self._since: float | None = None
        self._filling: dict[Channel, asyncio.Task[None]] = {}
        self.counts = Streams()
        self.closing = False

    def channel(self, board_id: int) -> Channel:
        """The board's channel."""
        known = self._channels.get(board_id)
        return known or self._channels.setdefault(board_id, Channel(board_id, self._recent, self.memory))

    def channels(self) -> list[Channel]:
        """All channels that were ever needed."""
        return list(self._channels.values())

    def publish(self, events: Iterable[Logged], committed_at: float | None = None) -> None:
        """Events were committed. Readers are pushed once for all events of a commit.

        `committed_at` is when, by `perf_counter`, where it was here; what others wrote is pushed once a loop turn.
        """
        self._since = self._since or committed_at
        for event in events:
            channel = self.channel(event.board_id)
            if channel.add(event, keep=self._is_followed(channel)):
                self._ring(channel)
                if event.name == "board_created":
                    self._created.append(event)
            else:
                self.reached(event.board_id, event.seq)
        if committed_at is not None:
            self._push()
        if self.memory.used > self.memory.most:
            self.memory.make_room(self._channels.values())

    def _is_followed(self, channel: Channel) -> bool:
        return bool(self._everywhere or channel.followers or channel.abreast)

    def reached(self, board_id: int, seq: int) -> None:
        """A board's log is known to have come so far, whoever wrote it."""
        channel = self.channel(board_id)
        channel.known = max(channel.known, seq)
        if channel.head < channel.known:
            self._fill(channel)

    def followed(self) -> list[int]:
        """The boards that anybody follows."""
        return [one.board_id for one in self._channels.values() if self._is_followed(one)]

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
        if not channel.head or not self._is_followed(channel) or channel.known - channel.head > self._recent:
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
        if not self._grown:  # pushed since it was rung for
            return
        grown, self._grown = self._grown, set()
        created, self._created = self._created, []
        since, self._since = self._since, None
        for channel in grown:
            channel.push()
            for follower in [*channel.followers, *self._everywhere]:
                follower.advance(channel)
            channel.pushed_to_all()
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
        self._by_owner[stream.owner] += 1

    def follow(self, follower: Follower, board_id: int | None) -> None:
        """Ring the bell when this board grows; None is every board, those to come included."""
        (self._everywhere if board_id is None else self.channel(board_id).followers).add(follower)

    def unfollow(self, follower: Follower, board_id: int) -> None:
        """No longer ring for this board."""
        channel = self.channel(board_id)
        channel.drop(follower)
        if not self._is_followed(channel):
            channel.forget()
        if not (channel.head or channel.known or channel.followers or channel.abreast):
            del self._channels[board_id]  # there may be no such board

    def leave(self, stream: Stream) -> None:
        """The stream is gone."""
        if stream in self._streams:
            self._streams.remove(stream)
            self._by_owner[stream.owner] -= 1
            if not self._by_owner[stream.owner]:
                del self._by_owner[stream.owner]
        self._everywhere.discard(stream.follower)
        for channel in self._channels.values():
            channel.drop(stream.follower)
            if channel.ring and not self._is_followed(channel):
                channel.forget()

    async def recheck(self) -> None:
        """Let each stream see anew what it may follow, and end those that can't. None waits for another."""
        await asyncio.gather(*map(self._recheck, self._streams))

    async def _recheck(self, stream: Stream) -> None:
        try:
            await stream.recheck()
        except Exception as error:
            log.warning("A stream is ended, since what it may follow could not be looked up: %r", error)
            stream.end()

    def count(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    def count_of(self, owner: Hashable) -> int:
        """How many streams count for a token."""
        return self._by_owner[owner]

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
