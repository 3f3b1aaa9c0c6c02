"""`claim_next` waits for a ticket, or raises with the reason why none will come."""

from __future__ import annotations

import asyncio
import re
import threading

import httpx
import pytest

from kanban_sdk import AsyncKanban, Board, Kanban, NothingReady
from tests.sdk.conftest import Connect, add
from tests.support.servers import Server
from tests.support.waiting import until


def waiting(server: Server) -> int:
    """The number of requests that wait for a ticket."""
    match = re.search(
        r'^kanban_connections\{client="wait"\} (\d+)', httpx.get(f"{server.url}/metrics").text, re.MULTILINE
    )
    return int(match[1]) if match else 0


def test_claim_next_raises_with_a_reason_if_nothing_is_ready_at_once_or_in_time(
    client: Kanban, kanban: Kanban, board: Board
) -> None:
    one, two = add(kanban, board, "one", "two")
    kanban.tickets.block(one, two)
    kanban.tickets.claim(two)
    for timeout in (0, 0.2):
        with pytest.raises(NothingReady) as error, client.claim_next(board.id, timeout=timeout):
            raise AssertionError("no ticket can be claimed")
        assert (error.value.reason, error.value.blocked) == ("all-blocked", 1)


def test_claim_next_waits_for_a_ticket_that_becomes_ready(server: Server, kanban: Kanban, board: Board) -> None:
    one, two = add(kanban, board, "one", "two")
    kanban.tickets.block(one, two)
    kanban.tickets.claim(two)
    ticket_ids: list[int] = []

    def work() -> None:
        with server.kanban("bob") as bob, bob.claim_next(board.id, timeout=20) as ticket:
            ticket_ids.append(ticket.id)
            bob.tickets.move(ticket.id, "Done")

    async def work_awaited() -> None:
        async with AsyncKanban(server.url, "eve") as eve, eve.claim_next(board.id, timeout=20) as ticket:
            ticket_ids.append(ticket.id)
            await eve.tickets.move(ticket.id, "Done")

    workers = [threading.Thread(target=run) for run in (work, lambda: asyncio.run(work_awaited()))]
    for worker in workers:
        worker.start()
    kanban.tickets.move(two, "Done")
    (three,) = add(kanban, board, "three")
    for worker in workers:
        worker.join(20)
    assert sorted(ticket_ids) == [one, three]


def test_claim_next_waits_in_the_order_of_asking_and_ends_where_nothing_will_come(
    connect: Connect, server: Server, kanban: Kanban, board: Board
) -> None:
    (one,) = add(kanban, board, "one")
    kanban.tickets.claim(one)
    with pytest.raises(NothingReady) as late, connect(server.url, "late").claim_next(board.id, wait=0.2):
        raise AssertionError("no ticket can be claimed")
    assert (late.value.reason, late.value.why, late.value.stop) == ("all-held", f"{one} is held by ada", False)
    order: list[str] = []

    def work(name: str) -> None:
        with connect(server.url, name, timeout=1.5).claim_next(board.id, wait=float("inf")):
            order.append(name)

    workers = [threading.Thread(target=work, args=[name]) for name in ("first", "second")]
    for number, worker in enumerate(workers, 1):
        worker.start()
        until(lambda number=number: waiting(server) == number, what="the queue")  # type: ignore[misc]
    kanban.tickets.release(one)
    for worker in workers:
        worker.join(20)
    assert order == ["first", "second"], "each releases it at the end of its block"
    kanban.tickets.move(one, "Done")
    with pytest.raises(NothingReady) as done, connect(server.url, "done").claim_next(board.id, wait=float("inf")):
        raise AssertionError("no ticket can be claimed")
    assert (done.value.stop, done.value.why) == (True, "all 1 tickets are done")
