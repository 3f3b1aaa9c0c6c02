"""Two watches of a board, one blocking and one async, each of which connects a WebSocket with the feed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from websockets.exceptions import ConnectionClosed

from kanban_sdk.errors import TimedOut
from kanban_sdk.outage import Outage
from kanban_sdk.stream.feed import SILENCE_SECONDS, ConnectionLost, Feed
from kanban_sdk.stream.reconnect import (
    CONNECTION_ERRORS,
    MIN_CONNECT_SECONDS,
    OPEN_TIMEOUT,
    SNAPSHOT_ERRORS,
    Reconnector,
)
from kanban_sdk.stream.sse import AsyncEventStream, EventStream
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection as AsyncConnection
    from websockets.sync.client import ClientConnection as Connection


class Watch(Reconnector, Iterator[Event]):
    """A board's events, one by one, from a cursor on.

    Reconnects by itself as long as its patience lasts, and misses no event meanwhile. If the cursor can no longer be
    served, a `SnapshotTaken` comes instead. Ends when the board is deleted. `cursor` is its position: everything up to
    it was delivered. One thread may iterate while another closes.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        feed: Feed,
        snapshot: Callable[[], Snapshot],
        outage: Outage,
        patience: float,
    ) -> None:
        super().__init__(url, headers, feed, outage, patience)
        self._snapshot = snapshot
        self._closed = threading.Event()
        self._socket: Connection | EventStream | None = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> Event:
        """The next event. Raises Refused if the server refuses, Unreachable if it stays away too long."""
        return self.next()

    def connect(self, timeout: float | None = None) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed. Raises TimedOut."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (self._feed.connected or self._feed.needs_snapshot or self._ended):
            self._step(deadline)

    def next(self, timeout: float | None = None) -> Event:
        """The next event. Raises TimedOut after `timeout` seconds, and StopIteration at the end.

        If it has to connect first, that may take up to a second beyond the timeout; with 0 it returns what has arrived.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._ended:
            event = self._step(deadline)
            if event is not None:
                return event
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Stop watching. Ends a `next` that waits in another thread."""
        self._closed.set()
        self._disconnect()

    @property
    def _ended(self) -> bool:
        return self._closed.is_set() or self._feed.finished

    def _step(self, deadline: float | None) -> Event | None:
        self._wait_to_reconnect(deadline)
        if self._ended:
            return None
        try:
            if self._feed.needs_snapshot:
                return self._feed.restart(self._take_snapshot())
            socket = self._socket or self._open(deadline)
            return self._parse_message(self._receive(socket, deadline))
        except CONNECTION_ERRORS as error:
            self._disconnect()
            if not self._ended:
                self._handle_error(error)
        return None

    def _wait_to_reconnect(self, deadline: float | None) -> None:
        """Wait until it is time to connect again."""
        delay, remaining = self._retry_at - time.monotonic(), _seconds_left(deadline)
        if delay > 0:
            self._closed.wait(min(delay, remaining))
            if delay > remaining:
                raise TimedOut("No event came in time.")

    def _open(self, deadline: float | None) -> Connection | EventStream:
        from websockets.sync.client import connect

        timeout = max(MIN_CONNECT_SECONDS, min(OPEN_TIMEOUT, _seconds_left(deadline)))
        if self._uses_sse:
            events = (self._events_address(), self._headers, self._feed.board, self._ssl_context)
            socket: Connection | EventStream = EventStream(*events)
        else:
            connection = connect(self._address(), open_timeout=timeout, **self._connect_options)
            socket = connection.__enter__()  # websockets wants a context manager; `_disconnect` is its exit
        self._socket = socket
        if self._closed.is_set():
            raise ConnectionLost("closed meanwhile")
        return socket

    def _receive(self, socket: Connection | EventStream, deadline: float | None) -> str | bytes:
        min_timeout = 0.0 if self._feed.connected else MIN_CONNECT_SECONDS
        try:
            message = socket.recv(timeout=max(min_timeout, min(SILENCE_SECONDS, _seconds_left(deadline))))
        except TimeoutError:
            if _seconds_left(deadline) <= 0:
                raise TimedOut("No event came in time.") from None
            raise ConnectionLost("the server is silent") from None
        return message

    def _take_snapshot(self) -> Snapshot:
        try:
            return self._snapshot()
        except SNAPSHOT_ERRORS as error:
            raise ConnectionLost(str(error)) from error

    def _disconnect(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                socket.close()


class AsyncWatch(Reconnector, AsyncIterator[Event]):
    """`Watch`, awaited: `async for event in kanban.watch(1)`.

    Cancelling a wait loses nothing: `asyncio.timeout` can bound it, and iteration continues from the same position. If
    the timeout is very short, `connect` first.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        feed: Feed,
        snapshot: Callable[[], Awaitable[Snapshot]],
        outage: Outage,
        patience: float,
    ) -> None:
        super().__init__(url, headers, feed, outage, patience)
        self._snapshot = snapshot
        self._closed = asyncio.Event()
        self._socket: AsyncConnection | AsyncEventStream | None = None

    async def __aenter__(self) -> AsyncWatch:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __anext__(self) -> Event:
        """The next event. Raises Refused if the server refuses, Unreachable if it stays away too long."""
        while not self._ended:
            event = await self._step()
            if event is not None:
                return event
        await self.close()
        raise StopAsyncIteration

    async def connect(self) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed."""
        while not (self._feed.connected or self._feed.needs_snapshot or self._ended):
            await self._step()

    async def close(self) -> None:
        """Stop watching. Ends an iteration that waits in another task."""
        self._closed.set()
        await self._disconnect()

    @property
    def _ended(self) -> bool:
        return self._closed.is_set() or self._feed.finished

    async def _step(self) -> Event | None:
        await self._wait_to_reconnect()
        if self._ended:
            return None
        try:
            if self._feed.needs_snapshot:
                return self._feed.restart(await self._take_snapshot())
            socket = self._socket or await self._open()
            return self._parse_message(await self._receive(socket))
        except CONNECTION_ERRORS as error:
            await self._disconnect()
            if not self._ended:
                self._handle_error(error)
        return None

    async def _wait_to_reconnect(self) -> None:
        """Wait until it is time to connect again."""
        delay = self._retry_at - time.monotonic()
        if delay > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._closed.wait()

    async def _open(self) -> AsyncConnection | AsyncEventStream:
        from websockets.asyncio.client import connect

        socket: AsyncConnection | AsyncEventStream
        if self._uses_sse:
            socket = AsyncEventStream(self._events_address(), self._headers, self._feed.board, self._ssl_context)
        else:
            socket = await connect(self._address(), open_timeout=OPEN_TIMEOUT, **self._connect_options)
        self._socket = socket
        if self._closed.is_set():
            raise ConnectionLost("closed meanwhile")
        return socket

    async def _receive(self, socket: AsyncConnection | AsyncEventStream) -> str | bytes:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await socket.recv()
        except TimeoutError:
            raise ConnectionLost("the server is silent") from None
        return message

    async def _take_snapshot(self) -> Snapshot:
        try:
            return await self._snapshot()
        except SNAPSHOT_ERRORS as error:
            raise ConnectionLost(str(error)) from error

    async def _disconnect(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                await socket.close()


def _seconds_left(deadline: float | None) -> float:
    return float("inf") if deadline is None else deadline - time.monotonic()
