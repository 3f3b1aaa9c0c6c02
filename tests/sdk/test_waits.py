"""Waiting for something on a board: what is so already, what comes, and what does not come in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kanban_sdk import Board, Kanban, NotFound, TimedOut, UnknownColumn
from tests.sdk.conftest import Connect
from tests.support.proxy import Proxy
from tests.support.waiting import until


def meanwhile(proxy: Proxy, act: Callable[[], Any]) -> threading.Thread:
    """Act once the client that is behind the proxy follows the stream."""

    def run() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_wait_ends_where_it_is_so_already(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, column="Done").id
    assert client.wait(ticket, column="done", timeout=0).id == ticket
    assert client.wait(ticket, unblocked=True, timeout=0).id == ticket
    kanban.tickets.move(ticket, "not_started")
    assert client.wait(ready=board.id, timeout=0).id == ticket


def test_a_ticket_that_comes_to_the_column_ends_a_wait_though_it_has_gone_on(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    client = connect(proxy.url)

    def act() -> None:
        kanban.tickets.edit(ticket, title="two")
        kanban.tickets.move_many([ticket], "Ready for QC")
        kanban.tickets.move_many([ticket], "Done")

    acting = meanwhile(proxy, act)
    assert client.wait(ticket, column="ready_for_qc", timeout=20).title == "two"
    acting.join()
    assert sum(b"GET /api/tickets/" in request for request in proxy.requests) < 8


def test_the_last_blocker_done_ends_a_wait(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    one, two, three = (kanban.tickets.create(title, board=board.id).id for title in ("one", "two", "three"))
    kanban.tickets.block(one, two, three)
    acting = meanwhile(proxy, lambda: [kanban.tickets.move(blocker, "Done") for blocker in (two, three)])
    assert connect(proxy.url).wait(one, unblocked=True, timeout=20).open_blockers == 0
    acting.join()


def test_a_reply_is_by_somebody_else_behind_ones_own_newest_comment(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    with Kanban(kanban.url, "bob") as bob:
        bob.comments.add(ticket, "before")
        kanban.comments.add(ticket, "which one?")
        acting = meanwhile(proxy, lambda: bob.comments.add(ticket, "that one"))
        assert connect(proxy.url).wait(ticket, reply=True, timeout=20).text == "that one"
        acting.join()
        assert connect(proxy.url).wait(ticket, reply=True, timeout=0).author == "bob"


def test_a_ready_ticket_ends_a_wait(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    kanban.tickets.create("other", board=board.id)
    acting = meanwhile(proxy, lambda: kanban.tickets.create("bug", board=board.id, labels=["bug"]))
    assert connect(proxy.url).wait(ready=board.id, labels=["bug"], timeout=20).title == "bug"
    acting.join()


def test_a_wait_ends_with_its_time_and_where_nothing_can_come(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    for timeout in (0, 0.1):
        with pytest.raises(TimedOut):
            client.wait(ticket, column="Done", timeout=timeout)
    with pytest.raises(UnknownColumn):
        client.wait(ticket, column="Nowhere")
    with pytest.raises(NotFound):
        client.wait(10**9, unblocked=True)
    with pytest.raises(TypeError):
        client.wait(ticket, column="Done", reply=True)  # type: ignore[call-overload]


def test_a_deleted_board_ends_a_wait(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    acting = meanwhile(proxy, lambda: kanban.boards.delete(board.id))
    with pytest.raises(NotFound):
        connect(proxy.url).wait(ticket, column="Done", timeout=20)
    acting.join()
