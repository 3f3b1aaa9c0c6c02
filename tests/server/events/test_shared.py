"""What many ask for at once is made once, and nobody is given what is older than what they know of."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from kanban_server.entry.response_cache import CachedResponse, ResponseCache
from kanban_server.rules.problems import Refusal
from tests.server.rest import done, new_ticket


class Log:
    """A log that grows, and who reads it: each reading waits until it is let through."""

    def __init__(self) -> None:
        self.seq = 1
        self.readings = 0
        self.gate = asyncio.Event()

    async def read(self) -> CachedResponse:
        self.readings += 1
        seq = self.seq
        await self.gate.wait()
        return seq, b"%d" % seq


async def _once() -> None:
    log, shared = Log(), ResponseCache(100)
    asking = [asyncio.create_task(shared.get((1, "tickets"), 1, log.read)) for _ in range(20)]
    await asyncio.wait(asking, timeout=0)
    log.seq = 2
    late = [asyncio.create_task(shared.get((1, "tickets"), 2, log.read)) for _ in range(20)]
    await asyncio.wait(late, timeout=0)
    log.gate.set()
    assert set(await asyncio.gather(*asking)) == {b"1"}
    assert set(await asyncio.gather(*late)) == {b"2"}
    assert await shared.get((1, "tickets"), 1, log.read) == b"2"
    assert log.readings == 2


def test_many_who_ask_at_once_share_one_reading_that_is_as_new_as_they_need() -> None:
    asyncio.run(_once())


async def _bounded() -> None:
    shared, readings = ResponseCache(100), list[int]()

    async def make(board: int) -> CachedResponse:
        readings.append(board)
        return 1, bytes(40)

    for board in (1, 2, 1, 3, 1, 2):
        await shared.get((board, "tickets"), 1, lambda board=board: make(board))  # type: ignore[misc]
    assert readings == [1, 2, 3, 2], "the one that was not used for the longest time goes first"


def test_of_what_was_made_the_last_used_is_kept() -> None:
    asyncio.run(_bounded())


async def _fails() -> None:
    log, shared = Log(), ResponseCache(100)

    async def busy() -> CachedResponse:
        raise Refusal("busy", "The database is busy.")

    for _ in range(2):
        with pytest.raises(Refusal):
            await shared.get((1, "tickets"), 1, busy)
    log.gate.set()
    assert await shared.get((1, "tickets"), 1, log.read) == b"1"


def test_a_reading_that_fails_is_not_kept() -> None:
    asyncio.run(_fails())


def test_a_list_shows_each_change_that_was_answered_before(rest: httpx.Client, board_id: int) -> None:
    for number in range(1, 6):
        ticket = new_ticket(rest, board_id, f"t{number}")
        listed = done(rest.get(f"/api/boards/{board_id}/tickets"))
        assert [one["title"] for one in listed["tickets"]] == [f"t{built}" for built in range(1, number + 1)]
        assert listed["total_tickets"] == number
    rest.patch(f"/api/tickets/{ticket['id']}", json={"title": "other"})
    assert done(rest.get(f"/api/boards/{board_id}/tickets"))["tickets"][-1]["title"] == "other"
    done(rest.delete(f"/api/boards/{board_id}"))
    assert rest.get(f"/api/boards/{board_id}/tickets").status_code == 404
