"""Promise 1 where a proxy lets no WebSocket through: the same events by server-sent events, said once."""

from __future__ import annotations

import threading

import pytest

from kanban_sdk import Board, Kanban, NotFound, SnapshotTaken, TicketCreated, TimedOut
from kanban_sdk.stream.reconnect import FALLBACK_NOTICE
from tests.sdk.conftest import Connect
from tests.support.proxy import Proxy, Upgrades
from tests.support.servers import Server
from tests.support.waiting import until

PATIENCE = 20
"""Seconds within which an event must arrive."""


def add(kanban: Kanban, board: Board, *titles: str) -> None:
    for title in titles:
        kanban.tickets.create(title, board=board.id, description="two\u2028lines")


def streams(proxy: Proxy) -> int:
    """The number of server-sent streams that were opened."""
    return sum(b"text/event-stream" in request for request in proxy.requests)


@pytest.mark.parametrize("upgrades", ["refuse", "strip", "cut"])
def test_a_watch_without_websockets_misses_nothing_through_a_reconnect_and_says_so_once(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board, upgrades: Upgrades
) -> None:
    proxy.upgrades = upgrades
    notices: list[str] = []
    watch = connect(proxy.url, notice=notices.append).watch(board.id)
    watch.connect()
    assert watch.cursor == kanban.boards.snapshot(board.id).cursor, "before the first event"
    proxy.cut()
    add(kanban, board, "while it was away", "snow \N{SNOWMAN}")
    first = [watch.next(PATIENCE) for _ in range(2)]
    proxy.slice = 3
    add(kanban, board, "in pieces")
    second = watch.next(PATIENCE)
    proxy.down()
    add(kanban, board, "after a longer time")
    proxy.up()
    third = watch.next(PATIENCE)
    created = [event.ticket for event in (*first, second, third) if isinstance(event, TicketCreated)]
    titles = [ticket.title for ticket in created if ticket.description == "two\u2028lines"]
    assert titles == ["while it was away", "snow \N{SNOWMAN}", "in pieces", "after a longer time"]
    assert [event.seq for event in (*first, second, third)] == [2, 3, 4, 5]
    assert notices.count(FALLBACK_NOTICE) == 1
    assert streams(proxy) == 3
    watch.close()


def test_a_second_watch_of_the_same_client_says_nothing(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    proxy.upgrades = "refuse"
    notices: list[str] = []
    client = connect(proxy.url, notice=notices.append)
    add(kanban, board, "one")
    for _ in range(2):
        watch = client.watch(board.id, after=0)
        assert [watch.next(PATIENCE).seq for _ in range(2)] == [1, 2]
        watch.close()
    assert notices == [FALLBACK_NOTICE]


def test_a_wait_falls_back_too(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    proxy.upgrades = "refuse"
    ticket = kanban.tickets.create("one", board=board.id).id
    client = connect(proxy.url)
    mover = threading.Thread(
        target=lambda: (
            until(lambda: streams(proxy) == 1, what="the stream"),
            kanban.tickets.move(ticket, "Done"),
        )
    )
    mover.start()
    assert client.wait(ticket, column="Done", timeout=PATIENCE).current_column == "Done"
    mover.join(PATIENCE)


def test_refusals_resyncs_and_the_end_of_a_board_are_those_of_a_websocket(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    proxy.upgrades = "refuse"
    client = connect(proxy.url)
    with pytest.raises(NotFound):
        client.watch(999_999).connect()
    add(kanban, board, "one")
    stale = client.watch(board.id, after="deadbeef-1")
    snapshot = stale.next(PATIENCE)
    assert isinstance(snapshot, SnapshotTaken)
    add(kanban, board, "two")
    assert (snapshot.seq, stale.next(PATIENCE).seq) == (2, 3)
    stale.close()
    ending = client.watch(board.id, after=3)
    kanban.boards.delete(board.id)
    assert [event.event for event in ending] == ["board_deleted"]
    assert list(client.watch(board.id, after=4)) == [], "nothing follows the last event"


def test_a_blocking_watch_keeps_its_stream_when_a_wait_times_out_and_closes_from_another_thread(
    server: Server, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    proxy.upgrades = "refuse"
    with Kanban(proxy.url) as client:
        watch = client.watch(board.id)
        watch.connect(PATIENCE)
        with pytest.raises(TimedOut):
            watch.next(0.01)
        add(kanban, board, "one")
        assert watch.next(PATIENCE).seq == 2
        assert streams(proxy) == 1
        reader = threading.Thread(target=lambda: list(watch))
        reader.start()
        watch.close()
        reader.join(PATIENCE)
        assert not reader.is_alive()
