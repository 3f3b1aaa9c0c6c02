"""The load client at a steady rate, against small servers of a test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benchmarks import client
from benchmarks.client import request, steady

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
RATE, SECONDS = 100.0, 0.2

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def test_requests_are_sent_when_due_also_while_earlier_ones_wait() -> None:
    withheld: list[asyncio.StreamWriter] = []

    async def answer(writer: asyncio.StreamWriter) -> None:
        withheld.append(writer)
        if len(withheld) == 8:
            for one in withheld:
                one.write(ANSWER)
        elif len(withheld) > 8:
            writer.write(ANSWER)

    times = asyncio.run(_steady_load(answer))
    assert len(times) == RATE * SECONDS
    assert max(times) >= 7 / RATE  # the first was due this long before the eighth


def test_a_late_response_counts_for_the_requests_that_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "STEADY_CONNECTIONS", 1)
    arrived = 0

    async def answer(writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        arrived += 1
        delay = 0.1 if arrived == 1 else 0
        asyncio.get_running_loop().call_later(delay, writer.write, ANSWER)

    times = asyncio.run(_steady_load(answer))
    assert all(seconds >= 0.099 - number / RATE for number, seconds in enumerate(times[:10]))


async def _steady_load(answer: Answer) -> list[float]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
        except asyncio.IncompleteReadError:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await steady(port, RATE, SECONDS, lambda: request("GET", "/"))
