"""Many changes in one transaction: every one is in the log and in the counts, whoever makes them, whichever way."""

from __future__ import annotations

from typing import Any

import pytest

from kanban_sdk import Kanban
from tests.faults.validators import check_log
from tests.server.rest import done, problem
from tests.support import mcp
from tests.support.actors import ON_BOTH, Actor

on_both = pytest.mark.parametrize("actor_database", ON_BOTH)


def three_tickets(kanban: Kanban, board: int) -> list[int]:
    criteria = "- one\n- two"
    return [kanban.tickets.create(title, board=board, acceptance_criteria=criteria).id for title in "abc"]


def new_events(kanban: Kanban, board: int, after: int) -> list[tuple[str, Any]]:
    """What happened after the event `after`: the names of events, with their tickets. The whole log is checked."""
    return [(e.event, e.data.get("ticket_id", e.data["id"])) for e in check_log(kanban, board) if e.seq > after]


@pytest.mark.promise(1, 2, ways=["bulk"])
@on_both
def test_a_bulk_move_logs_each_ticket_and_keeps_the_counts_for_every_actor(writer: Actor) -> None:
    kanban = writer.kanban()
    tickets = three_tickets(kanban, writer.board)
    before = kanban.boards.snapshot(writer.board).seq

    moved = kanban.tickets.move_many(tickets, "In Progress")

    assert moved.successful_moves == 3
    assert new_events(kanban, writer.board, before) == [("ticket_moved", ticket) for ticket in tickets]
    counts = kanban.boards.get(writer.board).counts
    assert (counts["Not Started"], counts["In Progress"]) == (0, 3)


@on_both
def test_a_bulk_move_stops_at_the_columns_limit_for_every_actor(writer: Actor) -> None:
    kanban = writer.kanban()
    tickets = three_tickets(kanban, writer.board)
    columns = {column.name: column.id for column in kanban.boards.get(writer.board).column_settings}
    writer.admin().boards.edit_column(writer.board, columns["In Progress"], limit=2)

    moved = kanban.tickets.move_many(tickets, "In Progress")

    assert [result.success for result in moved.results] == [True, True, False]
    assert kanban.boards.get(writer.board).counts["In Progress"] == 2
    check_log(kanban, writer.board)


@pytest.mark.promise(1, 2, ways=["batch"])
@on_both
def test_a_batch_of_operations_logs_each_of_them_for_every_actor(writer: Actor) -> None:
    kanban, rest = writer.kanban(), writer.rest()
    first, second, _ = three_tickets(kanban, writer.board)
    before = kanban.boards.snapshot(writer.board).seq

    operations = [
        {"op": "check", "ticket": first, "number": 1},
        {"op": "comment", "ticket": first, "text": "half of it"},
        {"op": "move", "ticket": first, "column": "Done"},
        {"op": "label", "ticket": second, "add": ["later"]},
        {"op": "move", "ticket": second, "column": "nowhere"},
        {"op": "edit", "ticket": second, "title": "B"},
    ]
    response = done(rest.post("/api/bulk/operations", json={"operations": operations, "atomic": False}))

    assert [one["success"] for one in response["results"]] == [True, True, True, True, False, True]
    assert new_events(kanban, writer.board, before) == [
        ("ticket_updated", first),
        ("comment_added", first),
        ("ticket_moved", first),
        ("ticket_updated", second),
        ("ticket_updated", second),
    ]


@pytest.mark.promise(1, 2, ways=["MCP"])
def test_a_tool_that_changes_much_at_once_logs_all_of_it_for_every_actor(writer: Actor) -> None:
    kanban = writer.kanban()
    ticket, *_ = three_tickets(kanban, writer.board)
    before = kanban.boards.snapshot(writer.board).seq
    shown = {"Authorization": f"Bearer {writer.token}"} if writer.token else {"X-Kanban-User": writer.name}

    with mcp.agent(f"{writer.server.url}/mcp", headers=shown) as agent:
        agent("ticket_update", ticket=ticket, title="A", add_labels=["x"], check=[1, 2], append="and more")

    assert new_events(kanban, writer.board, before) == [("ticket_updated", ticket)] * 5
    now = kanban.tickets.get(ticket)
    assert (now.title, now.labels, now.acceptance_criteria) == ("A", ["x"], "- [x] one\n- [x] two")
    assert now.description == "and more"


def test_a_viewer_changes_nothing_by_any_bulk_way(viewer: Actor) -> None:
    admin = viewer.admin()
    tickets = three_tickets(admin, viewer.board)
    before = admin.boards.snapshot(viewer.board).seq

    rest = viewer.rest()
    move = {"ticket_ids": tickets, "target_column": "Done"}
    assert done(rest.post("/api/bulk/tickets/move", json=move))["failed_moves"] == 3
    problem(rest.post("/api/bulk/tickets/move", json={**move, "atomic": True}), "not-allowed")
    delete = {"operations": [{"op": "delete", "ticket": tickets[0]}], "atomic": True}
    problem(rest.post("/api/bulk/operations", json=delete), "not-allowed")

    assert admin.boards.snapshot(viewer.board).seq == before
