"""Promise 2: folding events yields the board. `tests/web/modules` runs the same cases in JavaScript."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Event, Kanban, SnapshotTaken
from kanban_sdk.stream.feed import Feed
from kanban_sdk.stream.fold import BOARD_FIELDS, TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire.events import read_event

CASES = json.loads((Path(__file__).parents[2] / "cases" / "fold.json").read_text())
TICKET = CASES["ticket"]


def event(seq: int, name: str, data: dict[str, Any]) -> Event:
    message = {"event": name, "board_id": 1, "seq": seq, "cursor": f"ab-{seq}", "actor": "ada", "timestamp": "now"}
    return read_event({**message, "data": data})


def folded(*events: tuple[str, dict[str, Any]]) -> FoldedBoard:
    board = FoldedBoard()
    for seq, (name, data) in enumerate([("board_created", {"id": 1, "columns": ["A", "B"]}), *events], 1):
        board.step(event(seq, name, data))
    return board


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_folding_follows_the_shared_cases(case: dict[str, Any]) -> None:
    board = folded(("ticket_created", TICKET), *case["events"])
    assert list(board.tickets.values()) == [TICKET | ticket for ticket in case["tickets"]]
    last = len(case["events"]) + 2
    assert (board.seq, board.cursor, board.deleted) == (last, f"ab-{last}", case.get("deleted", False))


def test_the_browser_stores_the_same_fields() -> None:
    assert set(CASES["ticket_fields"]) == TICKET_FIELDS
    assert set(CASES["board_fields"]) == BOARD_FIELDS


def test_folding_twice_is_folding_once_and_a_snapshot_replaces_the_state(kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("one", board=board.id, labels=["a"])
    kanban.comments.add(ticket.id, "said")
    kanban.tickets.move(ticket.id, "Done")
    events = kanban.boards.events(board.id).events
    snapshot = kanban.boards.snapshot(board.id)

    once, twice = FoldedBoard(), FoldedBoard()
    for event_ in events:
        once.step(event_)
        for repeated in [event_, *random.sample(events[: event_.seq], k=1)]:
            twice.step(repeated)
    assert once == twice == FoldedBoard.from_snapshot(snapshot)

    other = folded(("ticket_created", TICKET))
    snapshot_taken = Feed(board.id).restart(snapshot)
    assert isinstance(snapshot_taken, SnapshotTaken)
    other.step(snapshot_taken)
    assert other == once
