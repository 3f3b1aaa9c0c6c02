"""Promise 2, the rules of it: folding events gives the board."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kanban_sdk import Board, Event, Kanban, SnapshotTaken
from kanban_sdk.feed import Feed
from kanban_sdk.fold import Folded
from kanban_sdk.wire.events import read_event

TICKET = {"id": 7, "title": "t", "current_column": "A", "place": "m", "comment_count": 0, "version": 1}
CLAIM = {"holder": "bob", "number": 1}
RENAMED = {"from": "A", "to": "Z"}


def event(seq: int, name: str, data: dict[str, Any]) -> Event:
    message = {"event": name, "board_id": 1, "seq": seq, "cursor": f"ab-{seq}", "actor": "ada", "timestamp": "now"}
    return read_event({**message, "data": data})


def folded(*events: tuple[str, dict[str, Any]]) -> Folded:
    board = Folded()
    for seq, (name, data) in enumerate([("board_created", {"id": 1, "columns": ["A", "B"]}), *events], 1):
        board.step(event(seq, name, data))
    return board


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("ticket_updated", {"id": 7, "title": "u", "version": 2, "changes": {}}, {"title": "u", "version": 2}),
        ("ticket_moved", {"id": 7, "current_column": "B", "place": "a"}, {"current_column": "B", "place": "a"}),
        ("ticket_claimed", {"id": 7, "claim": CLAIM}, {"claim": CLAIM}),
        ("ticket_released", {"id": 7, "claim": None}, {"claim": None}),
        ("ticket_polished", {"id": 7, "title": "p", "shine": 3}, {"title": "p"}),
        ("comment_added", {"id": 9, "ticket_id": 7, "text": "x", "comment_count": 1}, {"comment_count": 1}),
        ("comment_updated", {"id": 9, "ticket_id": 7, "text": "y"}, {}),
        ("column_reordered", {"column": "A", "ids": [8, 7], "places": ["a", "b"]}, {"place": "b"}),
        ("board_updated", {"id": 1, "columns": ["Z", "B"], "renamed": RENAMED}, {"current_column": "Z"}),
        ("presence", {"users": []}, {}),
    ],
)  # fmt: skip
def test_an_event_makes_a_ticket(name: str, data: dict[str, Any], expected: dict[str, Any]) -> None:
    board = folded(("ticket_created", TICKET), (name, data))
    assert board.tickets == {7: TICKET | expected}
    assert (board.seq, board.cursor) == (3, "ab-3")


def test_a_deleted_ticket_is_gone_and_a_restored_one_is_as_the_event_says() -> None:
    assert folded(("ticket_created", TICKET), ("ticket_deleted", {"id": 7})).tickets == {}
    back = TICKET | {"place": "z"}
    assert folded(("ticket_created", TICKET), ("ticket_deleted", {"id": 7}), ("ticket_restored", back)).tickets == {
        7: back
    }


def test_what_is_said_of_a_ticket_that_is_not_there_changes_nothing() -> None:
    nothing = folded(("ticket_moved", {"id": 8, "current_column": "B"}), ("comment_added", {"ticket_id": 8, "id": 1}))
    assert nothing.tickets == {}


def test_a_deleted_board_is_known_to_be() -> None:
    assert folded(("board_deleted", {"id": 1})).deleted


def test_folding_twice_is_folding_once_and_a_snapshot_begins_anew(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, labels=["a"])
    kanban.comments.add(ticket.id, "said")
    kanban.tickets.move(ticket.id, "Done")
    events = kanban.boards.events(board.id).events
    snapshot = kanban.boards.snapshot(board.id)

    once, twice = Folded(), Folded()
    for one in events:
        once.step(one)
        for again in [one, *random.sample(events[: one.seq], k=1)]:
            twice.step(again)
    assert once == twice == Folded.of(snapshot)

    elsewhere = folded(("ticket_created", TICKET))
    taken = Feed(board.id).restart(snapshot)
    assert isinstance(taken, SnapshotTaken)
    elsewhere.step(taken)
    assert elsewhere == once
