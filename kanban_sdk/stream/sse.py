"""A board's stream as server-sent events, for networks that let no WebSocket through.

A connection is read like a socket: each message is the JSON that a WebSocket would send. A thread or task of its own
fills a short queue, so that waiting for a message can end without ending the connection.
"""

from __future__ import annotations

import asyncio
import json
import queue
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlencode

import httpx

from kanban_sdk.stream.feed import SILENCE_SECONDS, ConnectionLost

QUEUED_MESSAGES = 100
"""Messages that are read before they are wanted."""
ACCEPT = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
CURSOR_HEADER = "Kanban-Cursor"
"""The response header with the cursor at which the stream begins."""
DATA, COMMENT = b"data: ", b":"
HEARTBEAT = '{"event": "heartbeat", "data": {}}'
TIMEOUTS = httpx.Timeout(10.0, read=SILENCE_SECONDS)
"""Seconds to connect, and without anything from the server, which sends something at least every 30 seconds."""
CLOSE_SECONDS = 1.0
"""Seconds after which a reader with a full queue looks whether the stream was closed."""

Item = str | Exception
"""A message, or why no further one comes."""


class StreamRefused(Exception):
    """The response is no stream of events: its status and its body."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body


def events_url(url: str, board: int, after: str | None) -> str:
    """The address of a board's server-sent events on the server at `url`."""
    query = "" if after is None else f"?{urlencode({'after': after})}"
    return f"{url.rstrip('/')}/api/boards/{board}/events{query}"


class EventStream:
    """A connection that blocks. It connects by itself, while the first message is waited for."""

    def __init__(self, url: str, headers: Mapping[str, str], board: int, context: ssl.SSLContext | None) -> None:
        self._client = httpx.Client(
            headers={**headers, **ACCEPT}, verify=context or False, trust_env=False, timeout=TIMEOUTS
        )
        self._url = url
        self._board = board
        self._queue: queue.Queue[Item] = queue.Queue(QUEUED_MESSAGES)
        self._closed = threading.Event()
        self._connection: socket.socket | None = None
        threading.Thread(target=self._run, name="kanban events", daemon=True).start()

    def recv(self, timeout: float) -> str:
        """The next message. Raises TimeoutError after `timeout` seconds, ConnectionLost and StreamRefused."""
        try:
            item = self._queue.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        """Close the connection, also while another thread waits for a message."""
        self._closed.set()
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)  # wakes the reader, which closing would not
        with suppress(queue.Full):
            self._queue.put_nowait(ConnectionLost("closed"))

    def _run(self) -> None:
        try:
            for message in self._messages():
                self._put(message)
            end: Exception = ConnectionLost("the stream has ended")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            end = ConnectionLost(_reason(error))
        except (ConnectionLost, StreamRefused) as error:
            end = error
        finally:
            self._client.close()
        with suppress(ConnectionLost):
            self._put(end)

    def _messages(self) -> Iterator[str]:
        with self._client.stream("GET", self._url) as response:
            if not _is_stream(response):
                raise StreamRefused(response.status_code, response.read())
            self._connection = response.extensions["network_stream"].get_extra_info("socket")
            yield _greeting(response, self._board)
            lines = _Lines()
            for chunk in response.iter_bytes():
                yield from lines.messages(chunk)

    def _put(self, item: Item) -> None:
        """Put an item into the queue, as soon as there is room. Raises ConnectionLost if the stream was closed."""
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=CLOSE_SECONDS)
                return
        raise ConnectionLost("closed")


class AsyncEventStream:
    """A connection that is awaited. It connects by itself, while the first message is waited for."""

    def __init__(self, url: str, headers: Mapping[str, str], board: int, context: ssl.SSLContext | None) -> None:
        self._client = httpx.AsyncClient(
            headers={**headers, **ACCEPT}, verify=context or False, trust_env=False, timeout=TIMEOUTS
        )
        self._url = url
        self._board = board
        self._queue: asyncio.Queue[Item] = asyncio.Queue(QUEUED_MESSAGES)
        self._task = asyncio.create_task(self._run())

    async def recv(self) -> str:
        """The next message. Raises ConnectionLost and StreamRefused. Cancelling it loses nothing."""
        item = await self._queue.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        await asyncio.wait([self._task])
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(ConnectionLost("closed"))

    async def _run(self) -> None:
        try:
            async for message in self._messages():
                await self._queue.put(message)
            end: Exception = ConnectionLost("the stream has ended")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            end = ConnectionLost(_reason(error))
        except StreamRefused as error:
            end = error
        finally:
            await self._client.aclose()
        await self._queue.put(end)

    async def _messages(self) -> AsyncIterator[str]:
        async with self._client.stream("GET", self._url) as response:
            if not _is_stream(response):
                raise StreamRefused(response.status_code, await response.aread())
            yield _greeting(response, self._board)
            lines = _Lines()
            async for chunk in response.aiter_bytes():
                for message in lines.messages(chunk):
                    yield message


class _Lines:
    """The messages in the body: the data of each event, and a heartbeat for each comment.

    Lines end at line feeds only: a text may have U+2028 in it.
    """

    def __init__(self) -> None:
        self._unfinished = b""

    def messages(self, chunk: bytes) -> Iterator[str]:
        """The messages in the lines that a chunk completes."""
        *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
        for line in lines:
            if line.startswith(DATA):
                yield line[len(DATA) :].decode()
            elif line.startswith(COMMENT):
                yield HEARTBEAT


def _is_stream(response: httpx.Response) -> bool:
    return response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/event-stream")


def _greeting(response: httpx.Response, board: int) -> str:
    """The message with which a WebSocket begins."""
    cursor = response.headers.get(CURSOR_HEADER)
    cursors = {} if cursor is None else {str(board): cursor}
    return json.dumps({"event": "connected", "data": {"cursors": cursors}})


def _reason(error: Exception) -> str:
    return "the server is silent" if isinstance(error, httpx.ReadTimeout) else str(error) or type(error).__name__
