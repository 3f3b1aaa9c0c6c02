"""Promise 1 on the client's side: every event once and in order, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from kanban_sdk import (
    AsyncKanban,
    Board,
    BoardDeleted,
    Event,
    Invalid,
    Kanban,
    NotFound,
    SnapshotTaken,
    TicketCreated,
    TicketMoved,
    Unreachable,
)
from tests.sdk.conftest import Connect
from tests.support.proxy import Proxy
from tests.support.servers import Server
from tests.support.waiting import until

PATIENCE = 20
"""Seconds within which an event must arrive."""


def add(kanban: Kanban, board: Board, count: int = 1) -> None:
    for number in range(count):
        kanban.tickets.create(f"ticket {number}", board=board.id)


def collect(url: str, board: int, received: list[Event]) -> None:
    with Kanban(url) as kanban, kanban.watch(board, after=0) as watch:
        received.extend(watch)  # grows with each event


def collect_awaited(url: str, board: int, received: list[Event]) -> None:
    async def run() -> None:
        async with AsyncKanban(url) as kanban, kanban.watch(board, after=0) as watch:
            async for event in watch:
                received.append(event)

    asyncio.run(run())


@pytest.mark.parametrize("collect", [collect, collect_awaited])
def test_a_watch_delivers_every_event_once_over_a_restart_and_a_kill(
    own_server: Server, collect: Callable[[str, int, list[Event]], None]
) -> None:
    received: list[Event] = []
    with own_server.kanban("ada") as kanban:
        board = kanban.boards.create("Lasting")
        reader = threading.Thread(target=collect, args=[own_server.url, board.id, received], daemon=True)
        reader.start()
        for end in (own_server.stop, own_server.kill):
            add(kanban, board, 3)
            head = kanban.boards.snapshot(board.id).seq
            until(lambda head=head: received and received[-1].seq == head, within=PATIENCE, what="the reader's head")  # type: ignore[misc]
            end()
            own_server.start()
            add(kanban, board, 3)
        kanban.boards.delete(board.id)
        head = kanban.boards.events(board.id, after=0).head
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert [event.seq for event in received] == list(range(1, head + 1))
    assert isinstance(received[-1], BoardDeleted)


def test_a_watch_from_now_misses_nothing_while_it_is_disconnected(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    watch = connect(proxy.url).watch(board.id)
    add(kanban, board, 2)
    watch.connect()
    assert watch.cursor == kanban.boards.snapshot(board.id).cursor
    proxy.down()
    add(kanban, board, 3)
    proxy.up()
    assert [watch.next(PATIENCE).seq for _ in range(3)] == [4, 5, 6]
    watch.close()


def test_a_lost_event_is_noticed_and_delivered_again(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    watch = connect(proxy.url).watch(board.id)
    watch.connect()
    proxy.swallow()
    add(kanban, board)
    until(lambda: proxy.swallowed == 1, what="the loss")
    add(kanban, board, 2)
    assert [watch.next(PATIENCE).seq for _ in range(3)] == [2, 3, 4]
    watch.close()


def test_a_watch_resumes_from_its_cursor_in_another_client(
    connect: Connect, server: Server, kanban: Kanban, board: Board
) -> None:
    add(kanban, board, 3)
    first = connect(server.url).watch(board.id, after=0)
    assert [first.next(PATIENCE).seq for _ in range(2)] == [1, 2]
    first.close()
    second = connect(server.url).watch(board.id, after=first.cursor)
    assert [second.next(PATIENCE).seq for _ in range(2)] == [3, 4]
    second.close()


def test_events_are_typed(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id)
    kanban.tickets.move(ticket.id, "Done")
    watch = client.watch(board.id, after=1)
    created, moved = watch.next(PATIENCE), watch.next(PATIENCE)
    watch.close()
    assert isinstance(created, TicketCreated)
    assert created.ticket == ticket
    assert isinstance(moved, TicketMoved)
    assert (moved.from_column, moved.to_column, moved.actor, moved.ticket_id) == (
        "Not Started",
        "Done",
        "ada",
        ticket.id,
    )


@pytest.mark.parametrize("after", ["deadbeef-1", 10**6], ids=["another-epoch", "ahead"])
def test_a_cursor_that_cannot_be_served_yields_a_snapshot_and_the_watch_continues(
    client: Kanban, kanban: Kanban, board: Board, after: str | int
) -> None:
    add(kanban, board)
    watch = client.watch(board.id, after=after)
    snapshot_taken = watch.next(PATIENCE)
    assert isinstance(snapshot_taken, SnapshotTaken)
    assert snapshot_taken.snapshot == kanban.boards.snapshot(board.id)
    assert watch.cursor == snapshot_taken.cursor == snapshot_taken.snapshot.cursor
    add(kanban, board)
    assert watch.next(PATIENCE).seq == snapshot_taken.seq + 1
    watch.close()


def test_a_failed_snapshot_is_requested_again(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    watch = connect(proxy.url, tries=1).watch(board.id, after="deadbeef-1")
    watch.connect()
    proxy.answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert isinstance(watch.next(PATIENCE), SnapshotTaken)
    add(kanban, board)
    assert watch.next(PATIENCE).seq == 2
    watch.close()


def test_a_watch_ends_with_its_board(client: Kanban, kanban: Kanban, board: Board) -> None:
    watch = client.watch(board.id)
    watch.connect()
    kanban.boards.delete(board.id)
    assert [event.event for event in watch] == ["board_deleted"]
    assert list(watch) == []


def test_the_log_of_a_deleted_board_can_still_be_watched_to_its_end(
    client: Kanban, kanban: Kanban, board: Board
) -> None:
    add(kanban, board)
    kanban.boards.delete(board.id)
    assert [event.seq for event in client.watch(board.id, after=0)] == [1, 2, 3]


def test_a_refusal_ends_a_watch(client: Kanban, board: Board) -> None:
    with pytest.raises(NotFound) as not_found:
        client.watch(10**9).next(PATIENCE)
    assert not_found.value.fix
    with pytest.raises(Invalid):
        client.watch(board.id, after="not a cursor").connect()


def test_a_server_without_an_event_stream_ends_a_watch(connect: Connect, proxy: Proxy, board: Board) -> None:
    watch = connect(proxy.url).watch(board.id)
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    proxy.answer(page, page)  # to the WebSocket, and to the request for server-sent events
    with pytest.raises(Unreachable, match="has no event stream"):
        watch.connect()


def test_a_busy_server_does_not_end_a_watch(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    watch = connect(proxy.url).watch(board.id, after=0)
    proxy.answer(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert watch.next(PATIENCE).seq == 1
    watch.close()


def test_a_watch_reports_when_its_connection_is_lost_and_when_it_is_back(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    notices: list[str] = []
    watch = connect(proxy.url).watch(board.id, notice=notices.append)
    watch.connect()
    assert notices == []
    proxy.cut()
    add(kanban, board, 2)
    assert [watch.next(PATIENCE).seq for _ in range(2)] == [2, 3]
    watch.close()
    assert notices == ["Disconnected (code 1006); trying again for up to 5 minutes", "Connected again"]
