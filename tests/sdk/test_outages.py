"""A server that is away for a while: which calls continue, what is reported, and which calls end."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from kanban_sdk import AsyncKanban, Board, Kanban, NothingReady, Ticket, TimedOut, Unreachable
from kanban_sdk.outage import RECONNECTED, Outage
from tests.sdk.conftest import Connect
from tests.support.proxy import Proxy
from tests.support.servers import Server, free_port
from tests.support.waiting import until

OUTAGE_SECONDS = 3.0
"""Longer than the tries of one call: 4 tries end after at most 3.5 seconds, and mostly after 2."""
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def restart(server: Server, notices: list[str], seconds: float = OUTAGE_SECONDS) -> None:
    """Stop the server, wait until its client has reported it and the seconds are over, and start it again."""
    server.stop()
    stopped = time.monotonic()
    until(lambda: notices and time.monotonic() > stopped + seconds, within=seconds + 20, what="the outage")
    server.start()


def started(run: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def assert_one_outage(notices: list[str]) -> None:
    lost, back = notices
    assert lost.startswith("Disconnected (")
    assert lost.endswith("); trying again for up to 5 minutes")
    assert "\n" not in lost
    assert back == RECONNECTED


def claim_one(url: str, board: int, notices: list[str], tickets: list[Ticket]) -> None:
    with Kanban(url, "ada", tries=None, patience=300, notice=notices.append) as ada:
        with ada.claim_next(board, timeout=None) as ticket:
            tickets.append(ticket)
            ada.tickets.move(ticket.id, "Done")


def claim_one_async(url: str, board: int, notices: list[str], tickets: list[Ticket]) -> None:
    async def run() -> None:
        async with AsyncKanban(url, "ada", tries=None, patience=300, notice=notices.append) as ada:
            async with ada.claim_next(board, timeout=None) as ticket:
                tickets.append(ticket)
                await ada.tickets.move(ticket.id, "Done")

    asyncio.run(run())


def wait(url: str, board: int, notices: list[str], tickets: list[Ticket]) -> None:
    with Kanban(url, "ada", notice=notices.append) as ada:
        tickets.append(ada.wait(ready=board))


def wait_async(url: str, board: int, notices: list[str], tickets: list[Ticket]) -> None:
    async def run() -> None:
        async with AsyncKanban(url, "ada", notice=notices.append) as ada:
            tickets.append(await ada.wait(ready=board))

    asyncio.run(run())


@pytest.mark.parametrize(
    "run",
    [
        claim_one_async,
        wait,
        pytest.param(claim_one, marks=pytest.mark.slow),
        pytest.param(wait_async, marks=pytest.mark.slow),
    ],
)
def test_a_wait_for_a_ticket_outlives_a_restart_and_reports_it_once(
    own_server: Server, run: Callable[[str, int, list[str], list[Ticket]], None]
) -> None:
    notices: list[str] = []
    tickets: list[Ticket] = []
    with own_server.kanban("bob") as bob:
        board = bob.boards.create("Waited for").id
        waiting = started(lambda: run(own_server.url, board, notices, tickets))
        until(lambda: bob.boards.presence(board).users, what="the stream")
        restart(own_server, notices)
        ticket = bob.tickets.create("Ready", board=board).id
        waiting.join(40)
    assert [one.id for one in tickets] == [ticket]
    assert_one_outage(notices)


def test_a_wait_retries_for_as_long_as_its_server_is_away(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.0)
    ticket = kanban.tickets.create("one", board=board.id).id
    notices: list[str] = []

    def act() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        until(lambda: kanban.boards.presence(board.id).users, what="the connection")
        proxy.answer(*[BAD_GATEWAY] * 8)  # more than a single call would try
        kanban.tickets.move(ticket, "Done")

    thread = started(act)
    client = connect(proxy.url, notice=notices.append)
    assert client.wait(ticket, column="Done", timeout=30).id == ticket
    thread.join()
    assert notices == ["Disconnected (HTTP 502); trying again for up to 30 s", RECONNECTED] or notices[1:] == [
        RECONNECTED
    ]


def test_the_timeout_of_a_wait_ends_it_even_if_the_server_is_away(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)  # so that it retries before the timeout
    client = connect(proxy.url)

    def act() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        proxy.down()

    def claim() -> None:
        with client.claim_next(board.id, timeout=1.5):
            raise AssertionError("no ticket was ready")

    for blocked_call in (lambda: client.wait(ready=board.id, timeout=1.5), claim):
        proxy.requests.clear()
        thread = started(act)
        start = time.monotonic()
        with pytest.raises((TimedOut, NothingReady)):
            blocked_call()
        assert 1.4 < time.monotonic() - start < 5
        thread.join()
        proxy.up()


def test_a_wait_fails_soon_if_no_server_responds_at_its_start(connect: Connect) -> None:
    notices: list[str] = []
    start = time.monotonic()
    with pytest.raises(Unreachable):
        connect(f"http://127.0.0.1:{free_port()}", notice=notices.append).wait(ready=1, timeout=60)
    assert time.monotonic() - start < 10
    assert notices == []


def test_a_watch_gives_up_after_its_patience(connect: Connect) -> None:
    notices: list[str] = []
    watch = connect(f"http://127.0.0.1:{free_port()}").watch(1, notice=notices.append, patience=0.5)
    start = time.monotonic()
    with pytest.raises(Unreachable) as unreachable:
        next(watch)
    assert 0.4 < time.monotonic() - start < 5
    assert unreachable.value.__cause__ is None
    assert len(notices) == 1
    assert notices[0].endswith("; trying again for up to 0.5 s")
    watch.close()


def test_each_connection_of_a_watch_starts_its_patience_again(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    notices: list[str] = []
    watch = connect(proxy.url).watch(board.id, after=0, notice=notices.append, patience=1.0)
    assert watch.next(20).seq == 1
    start = time.monotonic()
    while time.monotonic() - start < 2:  # longer than the patience, in all
        proxy.cut()
        kanban.tickets.create("one", board=board.id)
        assert watch.next(20).event == "ticket_created"
    watch.close()
    assert notices[-1] == RECONNECTED
    assert len(notices) >= 4


def test_an_outage_is_reported_once_by_all_calls_that_share_it() -> None:
    notices: list[str] = []
    outage = Outage(notices.append)
    outage.end()
    for patience in (60.0, 300.0, float("inf")):
        outage.begin("cut", patience)
        outage.begin("cut again", 1.0)
        outage.end()
        outage.end()
    lengths = ["for up to 1 minute", "for up to 5 minutes", "until it is back"]
    assert notices == [
        line for length in lengths for line in (f"Disconnected (cut); trying again {length}", RECONNECTED)
    ]
    Outage().begin("nobody is told", 1.0)


def watch_on(url: str, board: int, notices: list[str], seqs: list[int]) -> None:
    with Kanban(url, notice=notices.append) as kanban, kanban.watch(board, after=0) as watch:
        seqs.extend(event.seq for event in watch)


@pytest.mark.slow
def test_a_watch_and_a_worker_outlive_a_whole_minute_with_the_defaults(own_server: Server) -> None:
    seqs: list[int] = []
    tickets: list[Ticket] = []
    notices: dict[str, list[str]] = {"watch": [], "work": []}
    with own_server.kanban("bob") as bob:
        board = bob.boards.create("Lasting").id
        threads = [
            started(lambda: watch_on(own_server.url, board, notices["watch"], seqs)),
            started(lambda: claim_one_async(own_server.url, board, notices["work"], tickets)),
        ]
        until(lambda: seqs and bob.boards.presence(board).users, what="both streams")
        restart(own_server, notices["work"], seconds=60)
        ticket = bob.tickets.create("Ready", board=board).id
        threads[1].join(60)
        assert bob.tickets.get(ticket).current_column == "Done"
        bob.boards.delete(board)
        threads[0].join(60)
    assert seqs == list(range(1, len(seqs) + 1))
    for lines in notices.values():
        assert_one_outage(lines)
