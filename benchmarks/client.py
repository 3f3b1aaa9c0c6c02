"""A load client with low overhead: prebuilt requests, one protocol object per connection, no HTTP library."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson
import uvloop

from benchmarks.figures import percentile

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds beyond its own length after which a measurement fails."""
STEADY_CONNECTIONS = 64
LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)", re.IGNORECASE)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on a fast event loop, with garbage collection off in this process."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(work)
    finally:
        gc.enable()


def request(method: str, path: str, body: object = None, **headers: str) -> bytes:
    """Build the bytes of a request; `_` in a header's name becomes `-`."""
    content = b"" if body is None else orjson.dumps(body)
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n{more}\r\n"
    )
    return head.encode() + content


class Connection(asyncio.Protocol):
    """A keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._whole = 0
        """Size of the current response in bytes, once its head has arrived."""
        self._answer: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect. The server closes a connection that is idle for 5 seconds, so open one per round."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def request(self, request: bytes) -> bytes:
        """Return the response body. Raises RuntimeError for an error response, which is quick and proves nothing."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    async def json(self, method: str, path: str, body: object = None) -> Any:
        """Return the decoded response."""
        return orjson.loads(await self.request(request(method, path, body)))

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._whole:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return
            length = LENGTH.search(received, 0, end)
            self._whole = end + 4 + (int(length[1]) if length else 0)
        if len(received) < self._whole:
            return
        answer, self._answer = self._answer, None
        assert answer is not None
        if received.startswith(b"HTTP/1.1 2"):
            answer.set_result(bytes(received[received.find(b"\r\n\r\n") + 4 : self._whole]))
        else:
            answer.set_exception(RuntimeError(f"refused: {received.decode(errors='replace')[:1000]}"))
        self._whole = 0
        received.clear()

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server closed the connection"))


@dataclass(frozen=True)
class Load:
    """A load result: responses per second, and response times in ms."""

    rate: float
    p50: float
    p99: float
    count: int

    @classmethod
    def of(cls, times: Sequence[float], elapsed: float) -> Load:
        """Summarize response times in seconds, all measured within `elapsed` seconds."""
        return cls(len(times) / elapsed, percentile(times, 50) * 1000, percentile(times, 99) * 1000, len(times))


async def load(port: int, clients: int, seconds: float, next_request: Callable[[], bytes]) -> Load:
    """Run `clients` clients for `seconds`; each sends its next request after the last response."""
    connections = [await Connection.open(port) for _ in range(clients)]

    async def send(connection: Connection) -> bool:
        await connection.request(next_request())
        return True

    result = await timed([partial(send, connection) for connection in connections], seconds)
    for connection in connections:
        connection.close()
    return result


async def timed(turns: Sequence[Callable[[], Awaitable[bool]]], seconds: float) -> Load:
    """Repeat each of `turns`, all at the same time, for `seconds` or until it returns False. Only True is counted."""
    times: list[float] = []
    began = time.perf_counter()

    async def repeat(turn: Callable[[], Awaitable[bool]]) -> None:
        while (start := time.perf_counter()) < began + seconds and await turn():
            times.append(time.perf_counter() - start)

    async with asyncio.timeout(seconds + PATIENCE), asyncio.TaskGroup() as group:
        for turn in turns:
            group.create_task(repeat(turn))
    return Load.of(times, time.perf_counter() - began)


async def steady(port: int, rate: float, seconds: float, next_request: Callable[[], bytes]) -> list[float]:
    """Send `rate` requests a second, whether or not those before have been answered; return all times in seconds.

    A request's time begins when it is due. So a response that comes late also counts for the requests that had to wait
    for it. At most STEADY_CONNECTIONS requests are under way.
    """
    connections = [await Connection.open(port) for _ in range(STEADY_CONNECTIONS)]
    times: list[float] = []
    start = time.perf_counter()
    due_times = (start + number / rate for number in range(int(rate * seconds)))

    async def send(connection: Connection) -> None:
        for due in due_times:
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            await connection.request(next_request())
            times.append(time.perf_counter() - due)

    async with asyncio.timeout(seconds + PATIENCE), asyncio.TaskGroup() as group:
        for connection in connections:
            group.create_task(send(connection))
    for connection in connections:
        connection.close()
    return times
