"""Two watches of a board, each a pump between a WebSocket and the feed: one blocks, one awaits."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed

from kanban_sdk.errors import TimedOut
from kanban_sdk.feed import SILENCE, Feed, Lost
from kanban_sdk.outage import Outage
from kanban_sdk.pump import LOOK, NO_SNAPSHOT, OPEN_TIMEOUT, TROUBLE, Pump
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event


class Watch(Pump, Iterator[Event]):
    """A board's events, one by one, from a cursor on.

    Reconnects by itself for as long as its patience lasts, and misses nothing meanwhile. Where the cursor can't be
    served any longer, a `SnapshotTaken` comes instead. Ends when the board is deleted. `cursor` is where it stands:
    everything up to it was given out. One thread may iterate while another closes.
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

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> Event:
        """The next event. Raises Refused where the server says no, Unreachable where it stays away too long."""
        return self.next()

    def connect(self, timeout: float | None = None) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed. Raises TimedOut."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (self._feed.connected or self._feed.stale or self._over):
            self._step(deadline)

    def next(self, timeout: float | None = None) -> Event:
        """The next event. Raises TimedOut after `timeout` seconds, and StopIteration at the end.

        Where it has to connect first, it takes a second for that if need be; with 0 it gives what has arrived by then.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._over:
            event = self._step(deadline)
            if event is not None:
                return event
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Stop watching. Ends a `next` that waits in another thread."""
        self._closed.set()
        self._drop()

    @property
    def _over(self) -> bool:
        return self._closed.is_set() or self._feed.over

    def _step(self, deadline: float | None) -> Event | None:
        self._rest(deadline)
        if self._over:
            return None
        try:
            if self._feed.stale:
                return self._feed.restart(self._take_snapshot())
            socket = self._socket or self._open(deadline)
            return self._hear(self._receive(socket, deadline))
        except TROUBLE as error:
            self._drop()
            if not self._over:
                self._trouble(error)
        return None

    def _rest(self, deadline: float | None) -> None:
        """Wait until it is time to connect again."""
        wait, left = self._again_at - time.monotonic(), _left(deadline)
        if wait > 0:
            self._closed.wait(min(wait, left))
            if wait > left:
                raise TimedOut("No event came in time.")

    def _open(self, deadline: float | None) -> Any:
        from websockets.sync.client import connect

        timeout = max(LOOK, min(OPEN_TIMEOUT, _left(deadline)))
        opened = connect(self._address(), open_timeout=timeout, **self._opening)
        socket = self._socket = opened.__enter__()  # websockets wants a context manager; `_drop` is its exit
        if self._closed.is_set():
            raise Lost("closed meanwhile")
        return socket

    def _receive(self, socket: Any, deadline: float | None) -> str | bytes:
        least = 0.0 if self._feed.connected else LOOK
        try:
            message: str | bytes = socket.recv(timeout=max(least, min(SILENCE, _left(deadline))))
        except TimeoutError:
            if _left(deadline) <= 0:
                raise TimedOut("No event came in time.") from None
            raise Lost("the server is silent") from None
        return message

    def _take_snapshot(self) -> Snapshot:
        try:
            return self._snapshot()
        except NO_SNAPSHOT as error:
            raise Lost(str(error)) from error

    def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                socket.close()


class AsyncWatch(Pump, AsyncIterator[Event]):
    """`Watch`, awaited: `async for event in kanban.watch(1)`.

    Cancelling a wait loses nothing, so `asyncio.timeout` bounds it, and iterating goes on where it stood. Where that
    time is very short, `connect` first.
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

    async def __aenter__(self) -> AsyncWatch:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __anext__(self) -> Event:
        """The next event. Raises Refused where the server says no, Unreachable where it stays away too long."""
        while not self._over:
            event = await self._step()
            if event is not None:
                return event
        await self.close()
        raise StopAsyncIteration

    async def connect(self) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed."""
        while not (self._feed.connected or self._feed.stale or self._over):
            await self._step()

    async def close(self) -> None:
        """Stop watching. Ends an iteration that waits in another task."""
        self._closed.set()
        await self._drop()

    @property
    def _over(self) -> bool:
        return self._closed.is_set() or self._feed.over

    async def _step(self) -> Event | None:
        await self._rest()
        if self._over:
            return None
        try:
            if self._feed.stale:
                return self._feed.restart(await self._take_snapshot())
            socket = self._socket or await self._open()
            return self._hear(await self._receive(socket))
        except TROUBLE as error:
            await self._drop()
            if not self._over:
                self._trouble(error)
        return None

    async def _rest(self) -> None:
        """Wait until it is time to connect again."""
        wait = self._again_at - time.monotonic()
        if wait > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._closed.wait()

    async def _open(self) -> Any:
        from websockets.asyncio.client import connect

        socket = self._socket = await connect(self._address(), open_timeout=OPEN_TIMEOUT, **self._opening)
        if self._closed.is_set():
            raise Lost("closed meanwhile")
        return socket

    async def _receive(self, socket: Any) -> str | bytes:
        try:
            async with asyncio.timeout(SILENCE):
                message: str | bytes = await socket.recv()
        except TimeoutError:
            raise Lost("the server is silent") from None
        return message

    async def _take_snapshot(self) -> Snapshot:
        try:
            return await self._snapshot()
        except NO_SNAPSHOT as error:
            raise Lost(str(error)) from error

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                await socket.close()


def _left(deadline: float | None) -> float:
    return float("inf") if deadline is None else deadline - time.monotonic()
