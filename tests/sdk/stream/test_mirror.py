"""A mirror is a copy of a board that its log keeps current."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kanban_sdk import Board, Kanban, Mirror, NotFound
from tests.sdk.conftest import Connect
from tests.support.proxy import Proxy


def check(mirror: Mirror, kanban: Kanban, board: Board) -> None:
    """Follow until the mirror has the board's newest event: then both must be equal."""
    snapshot = kanban.boards.snapshot(board.id)
    while mirror.seq < snapshot.seq:
        mirror.next(20)
    assert mirror.board == snapshot.board
    assert mirror.tickets == snapshot.tickets
    assert mirror.cursor == snapshot.cursor


def test_a_mirror_equals_the_snapshot_after_any_changes(
    connect: Connect, proxy: Proxy, kanban: Kanban, board: Board
) -> None:
    one, two, three = (kanban.tickets.create(title, board=board.id) for title in ("one", "two", "three"))
    mirror = connect(proxy.url).mirror(board.id)
    check(mirror, kanban, board)

    kanban.tickets.move(three.id, one.current_column, before=one.id)
    kanban.tickets.edit(two.id, title="2", description="long", priority="1.2", labels=["a"], assignee="bob")
    kanban.tickets.claim(one.id)
    comment = kanban.comments.add(one.id, "said")
    check(mirror, kanban, board)

    proxy.cut()
    kanban.comments.delete(comment.id)
    kanban.tickets.delete(three.id)
    settings = kanban.boards.get(board.id).column_settings
    kanban.boards.edit_column(board.id, settings[0].id, name="Later", limit=9)
    kanban.boards.import_tickets(board.id, [{"source_id": "s", "title": "imported", "current_column": "Done"}])
    check(mirror, kanban, board)
    assert mirror.ticket(three.id) is None

    kanban.tickets.restore(three.id)
    kanban.tickets.move_many([one.id, two.id], "Blocked")
    kanban.boards.set_columns(board.id, ["Done", "Later"], move_to="Done")
    kanban.boards.edit(board.id, name="Renamed", description="d")
    check(mirror, kanban, board)
    assert mirror.ticket(one.id) == replace(kanban.tickets.get(one.id), attempts=None)

    kanban.boards.delete(board.id)
    assert [event.event for event in mirror] == ["board_deleted"]
    assert mirror.deleted
    mirror.close()


def test_a_mirror_can_be_read_between_the_events_of_one_change(client: Kanban, kanban: Kanban, board: Board) -> None:
    for title in ("one", "two"):
        kanban.tickets.create(title, board=board.id)
    mirror = client.mirror(board.id)
    kanban.boards.set_columns(board.id, ["In Progress", "Done"], move_to="Done")
    head = kanban.boards.snapshot(board.id).seq
    while mirror.seq < head:
        mirror.next(20)
        assert {ticket.title for ticket in mirror.tickets} == {"one", "two"}
    mirror.close()


def test_a_mirror_of_a_missing_board_raises_not_found(client: Kanban) -> None:
    with pytest.raises(NotFound):
        client.mirror(10**9)
