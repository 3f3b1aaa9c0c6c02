"""Imports meet every kind of actor: admins of the board import, and what anybody did on it stays."""

from __future__ import annotations

from typing import Any

import pytest

from kanban_sdk import NotAllowed
from tests.faults.validators import check_log
from tests.support.actors import ON_BOTH, Actor

TICKET: dict[str, Any] = {
    "source_id": "one",
    "title": "One",
    "current_column": "Not Started",
    "labels": ["bug"],
    "comments": [{"text": "for @zoe", "author": "eve"}],
    "blocked_by_sources": ["nowhere"],
    "history": [
        {"field_name": "title", "old_value": "No", "new_value": "One", "changed_by": "eve", "changed_at": "2026-01-02"}
    ],
}
IMPORTERS = {"open", "server admin", "board admin"}


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_admins_of_the_board_import_and_nobody_else(actor: Actor) -> None:
    kanban, admin = actor.kanban(), actor.admin()
    admin.boards.import_tickets(actor.board, [TICKET])
    seq = admin.boards.snapshot(actor.board).seq
    for force in (False, True):
        if actor.kind in IMPORTERS:
            assert kanban.boards.import_tickets(actor.board, [TICKET], force=force).unchanged == 1
        else:
            with pytest.raises(NotAllowed, match=r"Only an admin of the board imports|may read and watch"):
                kanban.boards.import_tickets(actor.board, [{**TICKET, "title": "Theirs"}], force=force)
    assert admin.boards.snapshot(actor.board).seq == seq


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_an_import_undoes_nothing_that_anybody_did(writer: Actor) -> None:
    kanban, admin = writer.kanban(), writer.admin()
    id = admin.boards.import_tickets(writer.board, [TICKET]).ids["one"]
    kanban.tickets.edit(id, title="Mine", priority="high")
    kanban.tickets.add_labels(id, "mine")
    kanban.tickets.claim(id)
    before = admin.boards.snapshot(writer.board)
    second = admin.boards.import_tickets(writer.board, [TICKET], prefer="source", force=True)
    assert (second.unchanged, [report.reason for report in second.reports]) == (1, ["missing"])
    assert admin.boards.snapshot(writer.board) == before

    changed = {**TICKET, "priority": "low", "labels": ["ui"], "blocked_by_sources": None}
    held = admin.boards.import_tickets(writer.board, [changed])
    assert [(report.kind, report.fields) for report in held.reports] == [
        ("held", ["labels"]),
        ("conflict", ["priority"]),
    ]
    assert held.reports[0].held_by == writer.name
    assert admin.boards.snapshot(writer.board) == before
    kanban.tickets.release(id)
    more = [*TICKET["comments"], {"text": "second", "author": "eve"}]
    admin.boards.import_tickets(writer.board, [{**changed, "comments": more}])
    ticket = kanban.tickets.get(id)
    assert (ticket.title, ticket.priority, ticket.labels) == ("Mine", "high", ["mine", "ui"])
    assert ticket.comment_count == 2
    check_log(admin, writer.board)
