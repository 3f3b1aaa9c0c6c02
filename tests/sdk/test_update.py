"""`update` changes the newest state of a ticket, also after a conflict."""

from __future__ import annotations

from typing import Any

import pytest

from kanban_sdk import Board, Kanban, Ticket, VersionConflict


def test_update_changes_the_newest_state_after_a_conflict(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("count", board=board.id, description="0")
    values: list[str | None] = []

    def increment(now: Ticket) -> Any:
        values.append(now.description)
        if len(values) < 3:
            kanban.tickets.edit(ticket.id, description=str(len(values) * 10))
        return {"description": str(int(now.description or 0) + 1)}

    assert client.tickets.update(ticket.id, increment).description == "21"
    assert values == ["0", "10", "20"]


def test_update_gives_up_after_its_tries(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("contended", board=board.id)
    values: list[int] = []

    def change_too_late(now: Ticket) -> Any:
        values.append(now.version)
        kanban.tickets.edit(ticket.id, title=f"contended {len(values)}")
        return {"title": "mine"}

    with pytest.raises(VersionConflict):
        client.tickets.update(ticket.id, change_too_late, tries=2)
    assert len(values) == 2
    assert kanban.tickets.get(ticket.id).title == "contended 2"


def test_update_with_nothing_to_change_writes_nothing(client: Kanban, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("same", board=board.id)
    assert client.tickets.update(ticket.id, lambda now: {}) == ticket
    assert kanban.boards.snapshot(board.id).seq == 2
