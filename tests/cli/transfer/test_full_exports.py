"""Full exports: a new board becomes the same board, and the board itself stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kanban_cli.writers import jsonl
from kanban_sdk import Board, Kanban
from tests.faults.validators import check_everything
from tests.support.cli import Shell


@pytest.fixture
def full_board(sdk: Kanban, own: Board) -> Board:
    """A board with settings of its own, moves, edits, a comment, links, an archived ticket and a deleted one."""
    board = sdk.boards.edit(own.id, columns=["Ideas", "Building", "Asking", "Shipped"], description="All of it")
    building, asking = board.column_settings[1:3]
    sdk.boards.edit_column(own.id, building.id, role="working", limit=3)
    sdk.boards.edit_column(own.id, asking.id, role="waiting")
    ticket = sdk.tickets.create("Whole", board=own.id, acceptance_criteria="- [ ] One\n- [ ] Two", labels=["net"])
    blocker = sdk.tickets.create("Blocker", board=own.id, assignee="bob")
    sdk.tickets.edit(ticket.id, blocked_by=[blocker.id], due_date="2026-05-06")
    sdk.comments.add(ticket.id, "Seen")
    sdk.tickets.check(ticket.id, 1)
    sdk.tickets.move(blocker.id, "Building")
    sdk.tickets.move(blocker.id, "Shipped")
    old = sdk.tickets.create("Old", board=own.id)
    sdk.tickets.move(old.id, "Shipped")
    sdk.boards.archive(own.id, days=0)
    sdk.tickets.restore(blocker.id)
    deleted = sdk.tickets.create("Gone", board=own.id)
    sdk.comments.add(deleted.id, "Why")
    sdk.tickets.delete(deleted.id)
    sdk.boards.edit(own.id, require=["criteria"], wip_per_user=2, review=True)
    return sdk.boards.get(own.id)


def exported(kanban: Shell, name: str = "board.jsonl") -> list[dict[str, Any]]:
    """Export a board, and return the lines."""
    kanban.ok("export", kanban.folder / name, "--full")
    return [json.loads(line) for line in (kanban.folder / name).read_text().splitlines()]


PASSING = {
    *("id", "board_id", "place", "version", "updated_at", "updated_by", "assigned_by", "source_id", "archived_at"),
    *("blocked_by", "parent", "claim"),
}
"""What a ticket has of the place where it is, or of the import."""


def portable(line: dict[str, Any]) -> dict[str, Any]:
    """A line without what belongs to the board, and without what the import itself did."""
    ticket = {name: value for name, value in line.items() if name not in PASSING}
    imported = next((n for n, one in enumerate(line["history"]) if one["field_name"] == "imported"), -1) + 1
    ticket["history"] = [{**one, "id": 0, "ticket_id": 0} for one in line["history"][imported:]]
    ticket["comments"] = [(one["author"], one["text"], one["created_at"]) for one in line["comments"]]
    return ticket


def test_a_new_board_gets_all_that_the_exported_one_had(kanban: Shell, sdk: Kanban, full_board: Board) -> None:
    board, *lines = exported(kanban)
    other = sdk.boards.create("Elsewhere, whole")
    elsewhere = kanban.using(KANBAN_BOARD=str(other.id))
    assert elsewhere("import", kanban.folder / "board.jsonl").rows == [["4 created", "0 updated", "0 unchanged"]]
    copy, *copied = exported(elsewhere, "copy.jsonl")
    apart = {"id", "name", "created_at"}
    settings = {name: value for name, value in board.items() if name not in apart}
    assert settings["description"] == "All of it"
    of_columns = [{**column, "id": 0} for column in copy["column_settings"]]
    assert of_columns == [{**column, "id": 0} for column in board["column_settings"]]
    assert {**settings, "column_settings": 0} == {
        name: 0 if name == "column_settings" else value for name, value in copy.items() if name not in apart
    }
    assert [portable(line) for line in copied] == [portable(line) for line in lines]
    assert [(line["title"], line.get("deleted")) for line in copied][-2:] == [("Old", None), ("Gone", True)]
    assert [comment["text"] for comment in copied[-1]["comments"]] == ["Why"]
    check_everything(sdk, other.id)

    before = sdk.boards.snapshot(other.id)
    for file in ("board.jsonl", "copy.jsonl"):
        assert elsewhere("import", kanban.folder / file).rows[0][1:4] == ["0 updated", "4 unchanged", "nothing changed"]
    assert sdk.boards.snapshot(other.id) == before


def test_a_full_export_changes_nothing_on_its_own_board(kanban: Shell, sdk: Kanban, own: Board) -> None:
    """Also if all of its tickets came from elsewhere, so that none of them has a name of this board."""
    sdk.boards.import_tickets(own.id, [{"source_id": "bd-1", "title": "Imported"}])
    exported(kanban)
    id = sdk.boards.snapshot(own.id).tickets[0].id
    sdk.tickets.move(id, "In Progress")
    before = sdk.boards.snapshot(own.id)
    assert kanban("import", kanban.folder / "board.jsonl").rows[0][-1] == "this board's own export"
    assert sdk.boards.snapshot(own.id) == before


def test_a_board_that_is_in_use_keeps_its_settings_and_that_is_named(
    kanban: Shell, sdk: Kanban, full_board: Board, own: Board
) -> None:
    exported(kanban)
    other = sdk.boards.create("In use", columns=["Ideas", "Building", "Asking", "Shipped"])
    sdk.tickets.create("Here", board=other.id)
    output = kanban.using(KANBAN_BOARD=str(other.id))("import", kanban.folder / "board.jsonl")
    assert output.rows[0][0] == "4 created"
    differing = "limit of Building, wip_per_user, review, require"
    assert f"Board {other.id} is not new and keeps its own settings: " in output.err
    assert differing in output.err
    kept = sdk.boards.get(other.id)
    assert (kept.require, kept.review, kept.column_settings[1].limit) == ([], False, None)


def test_a_dry_run_changes_no_board(kanban: Shell, sdk: Kanban, full_board: Board) -> None:
    exported(kanban)
    other = sdk.boards.create("Elsewhere, dry")
    preview = kanban.using(KANBAN_BOARD=str(other.id))("import", kanban.folder / "board.jsonl", "--dry-run")
    assert preview.rows[0][0] == "4 tickets"
    assert sdk.boards.snapshot(other.id).seq == 1


def test_a_history_that_is_too_long_for_a_request_goes_on_in_further_lines(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("Long", board=own.id)
    for number in range(14):
        sdk.tickets.edit(ticket.id, description=f"{number} " + "x" * 60_000)
    sdk.tickets.move(ticket.id, "In Progress")
    lines = exported(kanban)
    assert [line.get("_type") for line in lines] == ["board", None, "history", "history"]
    assert all(len(json.dumps(line)) < jsonl.LINE_BYTES + 1000 for line in lines)
    other = sdk.boards.create("Elsewhere, long")
    elsewhere = kanban.using(KANBAN_BOARD=str(other.id))
    assert elsewhere("import", kanban.folder / "board.jsonl").rows == [["1 created", "0 updated", "0 unchanged"]]
    there = sdk.boards.snapshot(other.id).tickets[0]
    assert [one.new_value for one in sdk.tickets.history(there.id)][1:] == [
        one.new_value for one in sdk.tickets.history(ticket.id)
    ]
    head = sdk.boards.snapshot(other.id).seq
    assert "nothing changed" in elsewhere("import", kanban.folder / "board.jsonl").rows[0]
    assert sdk.boards.snapshot(other.id).seq == head


def test_a_history_without_its_ticket_is_refused_with_its_line(kanban: Shell, own: Board) -> None:
    file = kanban.folder / "odd.jsonl"
    file.write_text('{"_type": "history", "source_id": "a", "history": []}\n')
    refused = kanban("import", "jsonl", file)
    assert (refused.code, f"{file}, line 1 can't be read: it goes on with the history" in refused.err) == (2, True)
