"""Two pumps between a WebSocket and the feed: one blocks, one awaits. What they have in common stands above them."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kanban_sdk.errors import Failed, TimedOut, TooMany, Unreachable, refused
from kanban_sdk.feed import SILENCE, Feed, Lost, Stale
from kanban_sdk.retries import read_problem, worth_retrying
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event

Notice = Callable[[str], None]
"""Told when the connection is lost and when it is back."""

LOG = logging.getLogger("kanban_sdk.watch")
LOG.addHandler(logging.NullHandler())  # lost connections are for `notice` to tell, and not for stderr
OPENING: dict[str, Any] = {"close_timeout": 2, "max_size": None, "compression": None, "proxy": None, "logger": LOG}
OPEN_TIMEOUT = 10.0
TROUBLE = (Stale, Lost, OSError, ConnectionClosed, InvalidHandshake)
"""What ends a connection, and mostly not the watch."""
NO_SNAPSHOT = (Unreachable, Failed, TooMany)
"""Why a snapshot can't be had just now."""


def stream_url(url: str, query: Mapping[str, Any]) -> str:
    """The address of the stream on the server at `url`."""
    parts = urlsplit(url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/ws/connect", urlencode(query), ""))


class _Pump:
    """What both pumps know, and what they conclude from what they meet."""

    def __init__(self, url: str, headers: Mapping[str, str], feed: Feed, notice: Notice | None) -> None:
        self._url = url
        self._headers = dict(headers)
        self._feed = feed
        self._notice = notice
        self._socket: Any = None
        self._again_at = 0.0
        """When to connect again, on the monotonic clock."""
        self._missed = False
        """Whether a lost connection was told of, and its return was not."""

    @property
    def cursor(self) -> str | None:
        """Where the watch stands; None before it is connected for the first time."""
        return self._feed.cursor

    def _address(self) -> str:
        return stream_url(self._url, self._feed.query())

    def _hear(self, message: str | bytes) -> Event | None:
        """What a message brings. Raises Lost, Stale, and Unreachable where it is not a kanban server's."""
        try:
            event = self._feed.receive(json.loads(message))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable(self._url, "what answers there is no kanban server") from error
        if self._missed and self._feed.connected:
            self._missed = False
            self._say("connected again")
        return event

    def _trouble(self, error: Exception) -> None:
        """Conclude what to do next: take a snapshot, connect again later, or end. Raises what the user must know."""
        self._feed.disconnected()
        if isinstance(error, Stale):
            self._say(f"the log can't be read from {self._feed.cursor} ({error.reason}): taking a snapshot")
            return
        why = str(error) or type(error).__name__
        if isinstance(error, ConnectionClosed):
            code = error.rcvd.code if error.rcvd else 1006
            if self._feed.ended(code):
                return
            why = f"code {code}"
        elif isinstance(error, InvalidStatus):
            self._judge(error)
        wait = self._feed.wait()
        self._again_at = time.monotonic() + wait
        self._missed = True
        self._say(f"connection lost ({why}); trying again in {wait:.1f} s")

    def _judge(self, error: InvalidStatus) -> None:
        """A refused handshake is final unless the server is merely busy."""
        status = error.response.status_code
        problem = read_problem(status, bytes(error.response.body or b""), self._url)
        if worth_retrying(status, problem.get("type")):
            return
        if "type" in problem:
            raise refused(problem)
        raise Unreachable(self._url, f"no event stream there (HTTP {status})")

    def _say(self, text: str) -> None:
        if self._notice is not None:
            self._notice(text)


class Watch(_Pump, Iterator[Event]):
    """A board's events, one by one, from a cursor on, for as long as it takes.

    Reconnects by itself and misses nothing meanwhile. Where the cursor can't be served any longer, a `SnapshotTaken`
    comes instead. Ends when the board is deleted. `cursor` is where it stands: everything up to it was given out.
    One thread may iterate while another closes.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], feed: Feed, snapshot: Callable[[], Snapshot], notice: Notice | None
    ) -> None:
        super().__init__(url, headers, feed, notice)
        self._snapshot = snapshot
        self._closed = threading.Event()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> Event:
        """The next event, however long it takes. Raises Refused where the server says no."""
        return self.next()

    def connect(self, timeout: float | None = None) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed. Raises TimedOut."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (self._feed.connected or self._feed.stale or self._over):
            self._step(deadline)

    def next(self, timeout: float | None = None) -> Event:
        """The next event. Raises TimedOut after `timeout` seconds, and StopIteration at the end."""
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
        wait = self._again_at - time.monotonic()
        if wait > 0:
            self._closed.wait(min(wait, _left(deadline)))
            if wait > _left(deadline):
                raise TimedOut("No event came in time.")

    def _open(self, deadline: float | None) -> Any:
        from websockets.sync.client import connect

        timeout = max(0.01, min(OPEN_TIMEOUT, _left(deadline)))
        opened = connect(self._address(), additional_headers=self._headers, open_timeout=timeout, **OPENING)
        socket = self._socket = opened.__enter__()  # websockets wants a context manager; `_drop` is its exit
        if self._closed.is_set():
            raise Lost("closed meanwhile")
        return socket

    def _receive(self, socket: Any, deadline: float | None) -> str | bytes:
        try:
            message: str | bytes = socket.recv(timeout=max(0.0, min(SILENCE, _left(deadline))))
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


class AsyncWatch(_Pump, AsyncIterator[Event]):
    """`Watch`, awaited: `async for event in kanban.watch(1)`.

    Cancelling a wait loses nothing, so `asyncio.timeout` bounds it, and iterating goes on where it stood.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        feed: Feed,
        snapshot: Callable[[], Awaitable[Snapshot]],
        notice: Notice | None,
    ) -> None:
        super().__init__(url, headers, feed, notice)
        self._snapshot = snapshot
        self._closed = asyncio.Event()

    async def __aenter__(self) -> AsyncWatch:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __anext__(self) -> Event:
        """The next event, however long it takes. Raises Refused where the server says no."""
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

        socket = self._socket = await connect(
            self._address(), additional_headers=self._headers, open_timeout=OPEN_TIMEOUT, **OPENING
        )
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
