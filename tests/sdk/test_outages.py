"""A server that is away for a while: what goes on meanwhile, what is told of it, and what ends with it."""

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

AWAY_SECONDS = 3.0
"""More than the tries of a single call take: `tries` of 4 end after 3.5 seconds at most, and mostly after 2."""
AWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def restart(server: Server, told: list[str], seconds: float = AWAY_SECONDS) -> None:
    """Stop the server, keep it away until its client has told of it and some seconds are over, and start it again."""
    server.stop()
    stopped = time.monotonic()
    until(lambda: told and time.monotonic() > stopped + seconds, within=seconds + 20, what="the outage")
    server.start()


def started(run: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def assert_told_once(told: list[str]) -> None:
    lost, back = told
    assert lost.startswith("Disconnected (")
    assert lost.endswith("); trying again for up to 5 minutes")
    assert "\n" not in lost
    assert back == RECONNECTED


def take(url: str, board: int, told: list[str], taken: list[Ticket]) -> None:
    with Kanban(url, "ada", tries=None, patience=300, notice=told.append) as ada:
        with ada.claim_next(board, timeout=None) as ticket:
            taken.append(ticket)
            ada.tickets.move(ticket.id, "Done")


def take_awaited(url: str, board: int, told: list[str], taken: list[Ticket]) -> None:
    async def run() -> None:
        async with AsyncKanban(url, "ada", tries=None, patience=300, notice=told.append) as ada:
            async with ada.claim_next(board, timeout=None) as ticket:
                taken.append(ticket)
                await ada.tickets.move(ticket.id, "Done")

    asyncio.run(run())


def wait(url: str, board: int, told: list[str], taken: list[Ticket]) -> None:
    with Kanban(url, "ada", notice=told.append) as ada:
        taken.append(ada.wait(ready=board))


def wait_awaited(url: str, board: int, told: list[str], taken: list[Ticket]) -> None:
    async def run() -> None:
        async with AsyncKanban(url, "ada", notice=told.append) as ada:
            taken.append(await ada.wait(ready=board))

    asyncio.run(run())


@pytest.mark.parametrize(
    "run",
    [
        take_awaited,
        wait,
        pytest.param(take, marks=pytest.mark.slow),
        pytest.param(wait_awaited, marks=pytest.mark.slow),
    ],
)
def test_who_waits_for_a_ticket_outlives_a_restart_and_says_so_once(
    own_server: Server, run: Callable[[str, int, list[str], list[Ticket]], None]
) -> None:
    told: list[str] = []
    taken: list[Ticket] = []
    with own_server.kanban("bob") as bob:
        board = bob.boards.create("Waited for").id
        waiting = started(lambda: run(own_server.url, board, told, taken))
        until(lambda: bob.boards.presence(board).users, what="the stream")
        restart(own_server, told)
        ticket = bob.tickets.create("Ready", board=board).id
        waiting.join(40)
    assert [one.id for one in taken] == [ticket]
    assert_told_once(told)


def test_a_wait_asks_again_for_as_long_as_its_server_is_away(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.0)
    ticket = kanban.tickets.create("one", board=board.id).id
    told: list[str] = []

    def act() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        until(lambda: kanban.boards.presence(board.id).users, what="the connection")
        proxy.answer(*[AWAY] * 8)  # more than a single call would try
        kanban.tickets.move(ticket, "Done")

    acting = started(act)
    client = connect(proxy.url, notice=told.append)
    assert client.wait(ticket, column="Done", timeout=30).id == ticket
    acting.join()
    assert told == ["Disconnected (HTTP 502); trying again for up to 30 s", RECONNECTED] or told[1:] == [RECONNECTED]


def test_the_time_of_a_wait_ends_it_also_where_its_server_is_away(
    monkeypatch: pytest.MonkeyPatch, connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)  # so that it waits again before its time is over
    client = connect(proxy.url)

    def act() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        proxy.down()

    def claim() -> None:
        with client.claim_next(board.id, timeout=1.5):
            raise AssertionError("nothing was ready")

    for wanted in (lambda: client.wait(ready=board.id, timeout=1.5), claim):
        proxy.requests.clear()
        acting = started(act)
        begun = time.monotonic()
        with pytest.raises((TimedOut, NothingReady)):
            wanted()
        assert 1.4 < time.monotonic() - begun < 5
        acting.join()
        proxy.up()


def test_a_wait_begins_with_a_server_that_is_there(connect: Connect) -> None:
    told: list[str] = []
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        connect(f"http://127.0.0.1:{free_port()}", notice=told.append).wait(ready=1, timeout=60)
    assert time.monotonic() - begun < 10
    assert told == []


def test_a_watch_gives_up_after_its_patience(connect: Connect) -> None:
    told: list[str] = []
    watch = connect(f"http://127.0.0.1:{free_port()}").watch(1, notice=told.append, patience=0.5)
    begun = time.monotonic()
    with pytest.raises(Unreachable) as unreachable:
        next(watch)
    assert 0.4 < time.monotonic() - begun < 5
    assert unreachable.value.__cause__ is None
    assert len(told) == 1
    assert told[0].endswith("; trying again for up to 0.5 s")
    watch.close()


def test_the_patience_of_a_watch_begins_anew_with_each_connection(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    told: list[str] = []
    watch = connect(proxy.url).watch(board.id, after=0, notice=told.append, patience=1.0)
    assert watch.next(20).seq == 1
    begun = time.monotonic()
    while time.monotonic() - begun < 2:  # longer than the patience, in all
        proxy.cut()
        kanban.tickets.create("one", board=board.id)
        assert watch.next(20).event == "ticket_created"
    watch.close()
    assert told[-1] == RECONNECTED
    assert len(told) >= 4


def test_an_outage_is_told_once_by_all_who_share_it() -> None:
    told: list[str] = []
    outage = Outage(told.append)
    outage.end()
    for patience in (60.0, 300.0, float("inf")):
        outage.begin("cut", patience)
        outage.begin("cut again", 1.0)
        outage.end()
        outage.end()
    lengths = ["for up to 1 minute", "for up to 5 minutes", "until it is back"]
    assert told == [line for length in lengths for line in (f"Disconnected (cut); trying again {length}", RECONNECTED)]
    Outage().begin("nobody is told", 1.0)


def watch_on(url: str, board: int, told: list[str], seen: list[int]) -> None:
    with Kanban(url, notice=told.append) as kanban, kanban.watch(board, after=0) as watch:
        seen.extend(event.seq for event in watch)


@pytest.mark.slow
def test_a_watch_and_a_worker_outlive_a_whole_minute_with_the_defaults(own_server: Server) -> None:
    seen: list[int] = []
    taken: list[Ticket] = []
    told: dict[str, list[str]] = {"watch": [], "work": []}
    with own_server.kanban("bob") as bob:
        board = bob.boards.create("Lasting").id
        threads = [
            started(lambda: watch_on(own_server.url, board, told["watch"], seen)),
            started(lambda: take_awaited(own_server.url, board, told["work"], taken)),
        ]
        until(lambda: seen and bob.boards.presence(board).users, what="both streams")
        restart(own_server, told["work"], seconds=60)
        ticket = bob.tickets.create("Ready", board=board).id
        threads[1].join(60)
        assert bob.tickets.get(ticket).current_column == "Done"
        bob.boards.delete(board)
        threads[0].join(60)
    assert seen == list(range(1, len(seen) + 1))
    for lines in told.values():
        assert_told_once(lines)
