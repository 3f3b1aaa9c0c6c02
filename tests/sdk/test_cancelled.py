"""A cancelled call ends completely: the ticket is released, and no renewal, task or socket is left."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from kanban_sdk import AsyncKanban, Board, Kanban
from kanban_sdk.claims import lease
from tests.support.proxy import Proxy

Act = Callable[[AsyncKanban, int, asyncio.Event], Coroutine[Any, Any, None]]


async def hold(ada: AsyncKanban, ticket: int, started: asyncio.Event) -> None:
    async with ada.claim(ticket, lease_seconds=10):
        started.set()
        await asyncio.Event().wait()


async def hold_the_next(ada: AsyncKanban, ticket: int, started: asyncio.Event) -> None:
    board = (await ada.tickets.get(ticket)).board_id
    async with ada.claim_next(board, lease_seconds=10, timeout=None):
        started.set()
        await asyncio.Event().wait()


async def wait(ada: AsyncKanban, ticket: int, started: asyncio.Event) -> None:
    started.set()
    await ada.wait(ticket, column="Done")


async def watch(ada: AsyncKanban, ticket: int, started: asyncio.Event) -> None:
    async with ada.watch((await ada.tickets.get(ticket)).board_id) as events:
        await events.connect()
        started.set()
        await anext(events)
        raise AssertionError("the board has no event")


async def cancelled(
    proxy: Proxy, act: Act, ticket: int, at: Callable[[Proxy], Any], meanwhile: Callable[[Proxy], None]
) -> set[asyncio.Task[Any]]:
    """Act, cancel it once `at` is true, and return the tasks that are left."""
    async with AsyncKanban(proxy.url, "ada") as ada:
        started = asyncio.Event()
        task = asyncio.create_task(act(ada, ticket, started))
        await started.wait()
        async with asyncio.timeout(20):
            while not at(proxy):  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.001)
        meanwhile(proxy)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asyncio.all_tasks() - {asyncio.current_task()}


def requested(part: bytes) -> Callable[[Proxy], bool]:
    return lambda proxy: any(part in request for request in proxy.requests)


def nothing(_: Proxy) -> None:
    """Nothing happens before the cancellation."""


@pytest.mark.parametrize(
    ("act", "at", "meanwhile"),
    [
        (hold, requested(b"/claim"), nothing),
        (hold, requested(b"/lease"), nothing),
        (hold, requested(b"/lease"), Proxy.down),
        (hold_the_next, requested(b"/lease"), nothing),
        (wait, requested(b"/ws/connect"), nothing),
        (wait, requested(b"/ws/connect"), Proxy.down),
        (watch, requested(b"/ws/connect"), Proxy.down),
    ],
    ids=["held", "renewed", "renewed-away", "next", "wait", "wait-away", "watch-away"],
)
def test_a_cancelled_call_leaves_no_task_no_socket_and_no_claim(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    proxy: Proxy,
    kanban: Kanban,
    board: Board,
    act: Act,
    at: Callable[[Proxy], Any],
    meanwhile: Callable[[Proxy], None],
) -> None:
    monkeypatch.setattr(lease, "RENEWALS", 200)
    proxy.lose_request(b"/lease")  # so that a renewal is in progress at the cancellation
    ticket = kanban.tickets.create("one", board=board.id).id
    gc.collect()  # so that leftovers of other tests do not warn here
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, "asyncio"):
        warnings.simplefilter("error")
        tasks_left = asyncio.run(cancelled(proxy, act, ticket, at, meanwhile), debug=True)
        gc.collect()
    assert tasks_left == set()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    current = kanban.tickets.get(ticket)
    if meanwhile is nothing:
        assert current.claim is None
        assert {one.reason for one in current.attempts or []} <= {"released"}


@pytest.mark.parametrize("finish", [True, False], ids=["finished", "released"])
def test_a_block_that_ends_while_its_lease_is_renewed_ends_the_renewal(
    monkeypatch: pytest.MonkeyPatch, proxy: Proxy, kanban: Kanban, board: Board, finish: bool
) -> None:
    monkeypatch.setattr(lease, "RENEWALS", 4)
    proxy.lose_request(b"/lease")
    ticket = kanban.tickets.create("one", board=board.id).id

    async def run() -> set[asyncio.Task[Any]]:
        async with AsyncKanban(proxy.url, "ada") as ada:
            held = ada.claim(ticket, lease_seconds=10)
            async with held:
                while not requested(b"/lease")(proxy):  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(0.001)
                if finish:
                    await ada.tickets.move(ticket, "Done")
            assert not held.lost
            return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()
    assert sum(b"/lease" in request for request in proxy.requests) == 1
    assert [one.reason for one in kanban.tickets.get(ticket).attempts or []] == ["done" if finish else "released"]
