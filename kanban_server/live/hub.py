"""The hub: notifies subscribers of new events, and keeps recent events in memory.

A notification has no content. Each stream has its own cursor and reads the events after it, from the recent events or,
when further behind, from the event log; so replay and live are one path, and a slow reader lags on its own cursor.
Events of another instance are read from the event log once for all subscribers of a board.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from time import perf_counter
from typing import Protocol

from kanban_server.live.channel import Channel, Subscriber, epoch_of
from kanban_server.live.memory_budget import MemoryBudget
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.metrics import StreamMetrics

log = logging.getLogger("kanban.live")

ReadAfter = Callable[[int, int, int], Awaitable[list[EncodedEvent]]]
"""`(board, seq, limit)`: the board's events after `seq`."""

READ_BATCH = 500
"""Events of another instance per read."""


class Stream(Protocol):
    """A connection that the server sends events to."""

    client: str
    """The kind of client that reads it."""

    @property
    def owner(self) -> Hashable:
        """The token that it counts towards; None without one."""

    @property
    def subscriber(self) -> Subscriber:
        """Its subscriber."""

    def on_board_created(self, event: EncodedEvent) -> None:
        """A board was created that this stream does not subscribe to."""

    def stop(self) -> None:
        """Close: the server stops."""

    async def reauthorize(self) -> None:
        """Permissions have changed: keep the boards that are still visible, or end."""


class Hub:
    """All channels, and one push per commit.

    Keeps `max_recent_events` events of each subscribed board in memory, and `max_bytes` of all boards together.
    """

    def __init__(self, read_after: ReadAfter, *, max_recent_events: int, max_bytes: int) -> None:
        self._read_after = read_after
        self._max_recent_events = max_recent_events
        self.memory = MemoryBudget(max_bytes)
        self._channels: dict[int, Channel] = {}
        self._all_boards_subscribers: set[Subscriber] = set()
        self._streams: set[Stream] = set()
        self._by_owner: Counter[Hashable] = Counter()
        self._pending_channels: set[Channel] = set()
        self._created_boards: list[EncodedEvent] = []
        self._committed_at: float | None = None
        self._read_tasks: dict[Channel, asyncio.Task[None]] = {}
        self.counts = StreamMetrics()
        self.closing = False

    def channel(self, board_id: int) -> Channel:
        """The board's channel."""
        channel = self._channels.get(board_id)
        return channel or self._channels.setdefault(board_id, Channel(board_id, self._max_recent_events, self.memory))

    def channels(self) -> list[Channel]:
        """All channels."""
        return list(self._channels.values())

    def publish(self, events: Iterable[EncodedEvent], committed_at: float | None = None) -> None:
        """Publish committed events; readers get one push per commit.

        `committed_at` is the time of a local commit by `perf_counter`; events of other instances are pushed once per
        turn of the loop.
        """
        self._committed_at = self._committed_at or committed_at
        for event in events:
            channel = self.channel(event.board_id)
            if channel.add(event, keep_recent=self._has_subscribers(channel)):
                self._schedule_push(channel)
                if event.name == "board_created":
                    self._created_boards.append(event)
            else:
                self.note_head(event.board_id, event.seq)
        if committed_at is not None:
            self._push()
        if self.memory.used > self.memory.max_bytes:
            self.memory.make_room(self._channels.values())

    def _has_subscribers(self, channel: Channel) -> bool:
        return bool(self._all_boards_subscribers or channel.subscribers or channel.shared_writers)

    def note_head(self, board_id: int, seq: int) -> None:
        """Note the last event of a board's log, whichever instance wrote it."""
        channel = self.channel(board_id)
        channel.known_head = max(channel.known_head, seq)
        if channel.head < channel.known_head:
            self._read_missing(channel)

    def subscribed_boards(self) -> list[int]:
        """The boards with subscribers."""
        return [channel.board_id for channel in self._channels.values() if self._has_subscribers(channel)]

    def add_board(self, event: EncodedEvent) -> None:
        """Add a board that another instance created, by its first event."""
        channel = self.channel(event.board_id)
        if not channel.head:
            self.publish([event])
            return
        channel.epoch = epoch_of(event)
        self._created_boards.append(event)
        self._schedule_push(channel)

    def _read_missing(self, channel: Channel) -> None:
        """Read the events between `head` and the known head, if the board has subscribers."""
        if (
            not channel.head
            or not self._has_subscribers(channel)
            or channel.known_head - channel.head > self._max_recent_events
        ):
            channel.skip_to_known_head()
            self._schedule_push(channel)
        elif channel not in self._read_tasks:
            self._read_tasks[channel] = asyncio.create_task(self._read_until_known_head(channel))

    async def _read_until_known_head(self, channel: Channel) -> None:
        try:
            while channel.head < channel.known_head:
                events = await self._read_after(channel.board_id, channel.head, READ_BATCH)
                if not events or events[0].seq > channel.head + 1:  # trimmed meanwhile: each reader detects that itself
                    channel.skip_to_known_head()
                    self._schedule_push(channel)
                    break
                self.publish(events)
        except Exception as error:
            log.info("Board %d could not be read after event %d: %r", channel.board_id, channel.head, error)
        finally:
            del self._read_tasks[channel]

    def _schedule_push(self, channel: Channel) -> None:
        if not self._pending_channels:
            asyncio.get_running_loop().call_soon(self._push)
        self._pending_channels.add(channel)

    def _push(self) -> None:
        if not self._pending_channels:  # already pushed
            return
        channels, self._pending_channels = self._pending_channels, set()
        board_events, self._created_boards = self._created_boards, []
        committed_at, self._committed_at = self._committed_at, None
        for channel in channels:
            channel.push()
            for subscriber in [*channel.subscribers, *self._all_boards_subscribers]:
                subscriber.notify(channel)
            channel.clear_frames()
        for event in board_events:
            channel = self.channel(event.board_id)
            subscribers = channel.subscribers | channel.shared_writers.keys() | self._all_boards_subscribers
            for stream in self._streams:
                if stream.subscriber not in subscribers:
                    stream.on_board_created(event)
        if committed_at is not None and self._streams:
            self.counts.seconds.add(perf_counter() - committed_at)

    def add_stream(self, stream: Stream) -> None:
        """Add a stream, without subscriptions."""
        self._streams.add(stream)
        self._by_owner[stream.owner] += 1

    def subscribe(self, subscriber: Subscriber, board_id: int | None) -> None:
        """Subscribe to a board; None is every board, including future ones."""
        (self._all_boards_subscribers if board_id is None else self.channel(board_id).subscribers).add(subscriber)

    def unsubscribe(self, subscriber: Subscriber, board_id: int) -> None:
        """End the subscription to a board."""
        channel = self.channel(board_id)
        channel.unsubscribe(subscriber)
        if not self._has_subscribers(channel):
            channel.clear_recent()
        if not (channel.head or channel.known_head or channel.subscribers or channel.shared_writers):
            del self._channels[board_id]  # the board may not exist

    def remove_stream(self, stream: Stream) -> None:
        """Remove a stream and its subscriptions."""
        if stream in self._streams:
            self._streams.remove(stream)
            self._by_owner[stream.owner] -= 1
            if not self._by_owner[stream.owner]:
                del self._by_owner[stream.owner]
        self._all_boards_subscribers.discard(stream.subscriber)
        for channel in self._channels.values():
            channel.unsubscribe(stream.subscriber)
            if channel.recent_events and not self._has_subscribers(channel):
                channel.clear_recent()

    async def reauthorize(self) -> None:
        """Re-authorize all streams concurrently, and stop those where that fails."""
        await asyncio.gather(*map(self._reauthorize_stream, self._streams))

    async def _reauthorize_stream(self, stream: Stream) -> None:
        try:
            await stream.reauthorize()
        except Exception as error:
            log.warning("A stream is ended, since its permissions could not be read: %r", error)
            stream.stop()

    def count(self) -> int:
        """Number of streams."""
        return len(self._streams)

    def count_of(self, owner: Hashable) -> int:
        """Number of streams of a token."""
        return self._by_owner[owner]

    def streams(self) -> list[Stream]:
        """All streams."""
        return list(self._streams)

    async def events_after(self, board_id: int, seq: int, limit: int) -> list[EncodedEvent]:
        """At most `limit` events of the board after `seq`, from memory or from the event log."""
        channel = self.channel(board_id)
        recent = channel.events_after(seq, limit) if channel.head == channel.known_head else None
        return recent if recent is not None else await self._read_after(board_id, seq, limit)

    def close(self) -> None:
        """End all streams and refuse new ones."""
        self.closing = True
        for stream in list(self._streams):
            stream.stop()
