"""Waiting for something on a board: already met, met later, and not met in time."""

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
    """Act in a thread, as soon as the client behind the proxy follows the stream."""

    def run() -> None:
        until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
        act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_wait_ends_at_once_if_its_condition_is_met(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, column="Done").id
    assert client.wait(ticket, column="done", timeout=0).id == ticket
    assert client.wait(ticket, unblocked=True, timeout=0).id == ticket
    kanban.tickets.move(ticket, "not_started")
    assert client.wait(ready=board.id, timeout=0).id == ticket


def test_a_ticket_that_entered_the_column_ends_a_wait_even_if_it_has_left_it(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    client = connect(proxy.url)

    def act() -> None:
        kanban.tickets.edit(ticket, title="two")
        kanban.tickets.move_many([ticket], "Ready for QC")
        kanban.tickets.move_many([ticket], "Done")

    thread = meanwhile(proxy, act)
    assert client.wait(ticket, column="ready_for_qc", timeout=20).title == "two"
    thread.join()
    assert sum(b"GET /api/tickets/" in request for request in proxy.requests) < 8


def test_a_wait_ends_when_the_last_blocker_is_done(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    one, two, three = (kanban.tickets.create(title, board=board.id).id for title in ("one", "two", "three"))
    kanban.tickets.block(one, two, three)
    thread = meanwhile(proxy, lambda: [kanban.tickets.move(blocker, "Done") for blocker in (two, three)])
    assert connect(proxy.url).wait(one, unblocked=True, timeout=20).open_blockers == 0
    thread.join()


def test_a_reply_is_a_comment_of_another_user_after_ones_own_newest(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    ticket = kanban.tickets.create("one", board=board.id).id
    with Kanban(kanban.url, "bob") as bob:
        bob.comments.add(ticket, "before")
        kanban.comments.add(ticket, "which one?")
        thread = meanwhile(proxy, lambda: bob.comments.add(ticket, "that one"))
        assert connect(proxy.url).wait(ticket, reply=True, timeout=20).text == "that one"
        thread.join()
        assert connect(proxy.url).wait(ticket, reply=True, timeout=0).author == "bob"


def test_a_ready_ticket_ends_a_wait(connect: Connect, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    kanban.tickets.create("other", board=board.id)
    thread = meanwhile(proxy, lambda: kanban.tickets.create("bug", board=board.id, labels=["bug"]))
    assert connect(proxy.url).wait(ready=board.id, labels=["bug"], timeout=20).title == "bug"
    thread.join()


def test_a_wait_ends_with_its_timeout_and_if_it_can_never_be_met(client: Kanban, kanban: Kanban, board: Board) -> None:
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
    thread = meanwhile(proxy, lambda: kanban.boards.delete(board.id))
    with pytest.raises(NotFound):
        connect(proxy.url).wait(ticket, column="Done", timeout=20)
    thread.join()
