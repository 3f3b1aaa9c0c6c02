"""Two pumps between a WebSocket and the feed: one blocks, one awaits. They differ in nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kanban_sdk.errors import TimedOut, Unreachable, refused
from kanban_sdk.feed import SILENCE, Feed, Lost, Stale
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import Event

Notice = Callable[[str], None]
"""Told when the connection is lost and when it is back."""

_OPENING: dict[str, Any] = {"open_timeout": 10, "close_timeout": 2, "max_size": None, "compression": None}


def stream_url(url: str, query: Mapping[str, Any]) -> str:
    """The address of the stream on the server at `url`."""
    parts = urlsplit(url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/ws/connect", urlencode(query), ""))


class Watch(Iterator[Event]):
    """A board's events, one by one, from a cursor on, for as long as it takes.

    Reconnects by itself and misses nothing meanwhile. Where the cursor can't be served any longer, a `SnapshotTaken`
    comes instead. Ends when the board is deleted. `cursor` is where it stands: everything up to it was given out.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], feed: Feed, snapshot: Callable[[], Snapshot], notice: Notice | None
    ) -> None:
        self._url = url
        self._headers = headers
        self._feed = feed
        self._snapshot = snapshot
        self._notice = notice
        self._socket: Any = None
        self._over = False

    @property
    def cursor(self) -> str | None:
        """Where the watch stands; None before it is connected for the first time."""
        return self._feed.cursor

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> Event:
        """The next event, however long it takes. Raises Refused where the server says no."""
        return self.next()

    def connect(self) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed."""
        while self._socket is None and not self._over:
            self._step(None)

    def next(self, timeout: float | None = None) -> Event:
        """The next event. Raises TimedOut after `timeout` seconds, and StopIteration at the end."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._over:
            event = self._step(deadline)
            if event is not None:
                return event
        raise StopIteration

    def close(self) -> None:
        """Stop watching."""
        self._over = True
        self._drop()

    def _step(self, deadline: float | None) -> Event | None:
        try:
            if self._socket is None:
                self._open(deadline)
                return None
            return self._feed.receive(json.loads(self._receive(deadline)))
        except Stale as stale:
            self._say(f"the log can't be read from {self._feed.cursor} ({stale.reason}): taking a snapshot")
            self._drop()
            return self._feed.restart(self._snapshot())
        except InvalidStatus as error:
            self._drop()
            _judge(error, self._url)
            self._pause(str(error), deadline)
        except ConnectionClosed as closed:
            self._drop()
            code = closed.rcvd.code if closed.rcvd else 1006
            self._over = self._feed.ended(code)
            if not self._over:
                self._pause(f"code {code}", deadline)
        except (Lost, OSError, InvalidHandshake) as error:
            self._drop()
            self._pause(str(error) or type(error).__name__, deadline)
        return None

    def _open(self, deadline: float | None) -> None:
        from websockets.sync.client import connect

        opening = dict(_OPENING)
        if deadline is not None:
            opening["open_timeout"] = min(10.0, max(0.01, _left(deadline)))
        again = self._feed.attempts > 0
        self._socket = connect(
            stream_url(self._url, self._feed.query()), additional_headers=dict(self._headers), **opening
        )
        self._feed.receive(json.loads(self._receive(deadline)))
        if again:
            self._say("connected again")

    def _receive(self, deadline: float | None) -> str | bytes:
        wait = SILENCE if deadline is None else min(SILENCE, max(0.0, _left(deadline)))
        try:
            message: str | bytes = self._socket.recv(timeout=wait)
        except TimeoutError:
            if deadline is not None and _left(deadline) <= 0:
                raise TimedOut("No event came in time.") from None
            raise Lost("the server is silent") from None
        return message

    def _pause(self, why: str, deadline: float | None) -> None:
        wait = self._feed.wait()
        self._say(f"connection lost ({why}); trying again in {wait:.1f} s")
        if deadline is not None and wait > _left(deadline):
            time.sleep(max(0.0, _left(deadline)))
            raise TimedOut("No event came in time.")
        time.sleep(wait)

    def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                socket.close()

    def _say(self, text: str) -> None:
        if self._notice is not None:
            self._notice(text)


class AsyncWatch(AsyncIterator[Event]):
    """`Watch`, awaited: `async for event in kanban.watch(1)`."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        feed: Feed,
        snapshot: Callable[[], Awaitable[Snapshot]],
        notice: Notice | None,
    ) -> None:
        self._url = url
        self._headers = headers
        self._feed = feed
        self._snapshot = snapshot
        self._notice = notice
        self._socket: Any = None
        self._over = False

    @property
    def cursor(self) -> str | None:
        """Where the watch stands; None before it is connected for the first time."""
        return self._feed.cursor

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
        raise StopAsyncIteration

    async def connect(self) -> None:
        """Connect now, so that `cursor` is known and nothing from here on is missed."""
        while self._socket is None and not self._over:
            await self._step()

    async def close(self) -> None:
        """Stop watching."""
        self._over = True
        await self._drop()

    async def _step(self) -> Event | None:
        try:
            if self._socket is None:
                await self._open()
                return None
            return self._feed.receive(json.loads(await self._receive()))
        except Stale as stale:
            self._say(f"the log can't be read from {self._feed.cursor} ({stale.reason}): taking a snapshot")
            await self._drop()
            return self._feed.restart(await self._snapshot())
        except InvalidStatus as error:
            await self._drop()
            _judge(error, self._url)
            await self._pause(str(error))
        except ConnectionClosed as closed:
            await self._drop()
            code = closed.rcvd.code if closed.rcvd else 1006
            self._over = self._feed.ended(code)
            if not self._over:
                await self._pause(f"code {code}")
        except (Lost, OSError, InvalidHandshake) as error:
            await self._drop()
            await self._pause(str(error) or type(error).__name__)
        return None

    async def _open(self) -> None:
        from websockets.asyncio.client import connect

        again = self._feed.attempts > 0
        self._socket = await connect(
            stream_url(self._url, self._feed.query()), additional_headers=dict(self._headers), **_OPENING
        )
        self._feed.receive(json.loads(await self._receive()))
        if again:
            self._say("connected again")

    async def _receive(self) -> str | bytes:
        import asyncio

        try:
            message: str | bytes = await asyncio.wait_for(self._socket.recv(), SILENCE)
        except TimeoutError:
            raise Lost("the server is silent") from None
        return message

    async def _pause(self, why: str) -> None:
        import asyncio

        wait = self._feed.wait()
        self._say(f"connection lost ({why}); trying again in {wait:.1f} s")
        await asyncio.sleep(wait)

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(OSError, ConnectionClosed):
                await socket.close()

    def _say(self, text: str) -> None:
        if self._notice is not None:
            self._notice(text)


def _left(deadline: float) -> float:
    return deadline - time.monotonic()


def _judge(error: InvalidStatus, url: str) -> None:
    """A refused handshake is final unless the server is merely busy."""
    response = error.response
    if response.status_code in {408, 429, 500, 502, 503, 504}:
        return
    try:
        problem = json.loads(bytes(response.body or b""))
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "type" in problem:
        raise refused(problem)
    raise Unreachable(url, f"no event stream there (HTTP {response.status_code})")
