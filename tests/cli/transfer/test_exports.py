"""Exports: what comes back elsewhere, what changes nothing on the same board, and the forms of other programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

BOARD_FIELDS = {
    *("id", "board_id", "version", "blocked_by", "parent", "place", "updated_by", "assigned_by", "source_id"),
    *("column_entered_at",),
}
"""What a ticket has of the place where it is."""


@pytest.fixture
def filled(sdk: Kanban, own: Board) -> Board:
    """A board with a ticket that has all fields, its parent, its blocker, an imported one, and an archived one."""
    epic = sdk.tickets.create("Epic", board=own.id)
    blocker = sdk.tickets.create("=1+1", board=own.id, description="  indented\n\n'=quoted'")
    whole = sdk.tickets.create(
        "Retry, the \"upload\"; 'now'",
        board=own.id,
        description="It gives up\nat once.",
        acceptance_criteria="- [x] It waits\n- [ ] It tries",
        priority="1.2",
        labels=["net", "a, b"],
        assignee="bob",
    )
    sdk.tickets.edit(whole.id, due_date="2026-03-01", blocked_by=[blocker.id], parent=epic.id)
    sdk.tickets.link(whole.id, add=["https://example.org/x,y"])
    sdk.comments.add(whole.id, "Seen, twice\nor so")
    sdk.boards.import_tickets(own.id, [{"source_id": "bd-1", "title": "Imported", "extra": {"kept": [1]}}])
    old = sdk.tickets.create("Old", board=own.id)
    sdk.tickets.move(old.id, "Done")
    sdk.boards.archive(own.id, days=0)
    return own


def portable(sdk: Kanban, board: Board) -> list[dict[str, Any]]:
    """The tickets of a board without what belongs to the board, their links by titles."""
    tickets = sdk.boards.snapshot(board.id).tickets
    titles = {ticket.id: ticket.title for ticket in tickets}
    return [
        {name: value for name, value in asdict(ticket).items() if name not in BOARD_FIELDS}
        | {
            "blockers": [titles[id] for id in ticket.blocked_by],
            "parent": titles.get(ticket.parent or 0),
            "comments": [(one.author, one.text, one.created_at) for one in sdk.comments.all(ticket.id)],
        }
        for ticket in tickets
    ]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_what_was_exported_comes_back_elsewhere_with_all_fields(
    kanban: Shell, sdk: Kanban, filled: Board, ending: str
) -> None:
    file = kanban.folder / f"board.{ending}"
    assert kanban.ok("export", file, "--full").out == f"5 tickets in {file}\n"
    other = sdk.boards.create(f"Elsewhere {ending}")
    elsewhere = kanban.using(KANBAN_BOARD=str(other.id))
    assert elsewhere("import", file).rows == [["5 created", "0 updated", "0 unchanged"]]
    assert portable(sdk, other) == portable(sdk, filled)
    assert [ticket.title for ticket in sdk.tickets.page(other.id, archived=True).items] == ["Old"]
    assert elsewhere("import", file).rows[0][:4] == ["0 created", "0 updated", "5 unchanged", "nothing changed"]


@pytest.mark.parametrize("format_name", ["jsonl", "csv", "markdown", "jira", "linear"])
def test_an_export_changes_nothing_on_its_own_board(
    kanban: Shell, sdk: Kanban, filled: Board, format_name: str
) -> None:
    file = kanban.folder / {"jsonl": "b.jsonl", "markdown": "backlog"}.get(format_name, "b.csv")
    kanban.ok("export", file, "--format", format_name)
    sdk.tickets.edit(next(one.id for one in sdk.boards.snapshot(filled.id).tickets), title="Changed since")
    before = sdk.boards.snapshot(filled.id)
    row = kanban("import", file).rows[0]
    assert row[:5] == ["0 created", "0 updated", "4 unchanged", "nothing changed", "this board's own export"]
    assert sdk.boards.snapshot(filled.id) == before


def test_a_full_export_has_the_columns_the_archive_and_the_history(kanban: Shell, filled: Board) -> None:
    board, *tickets = map(json.loads, kanban.ok("export", "--full").out.splitlines())
    assert (board["_type"], board["name"]) == ("board", filled.name)
    assert [column["role"] for column in board["column_settings"]] == ["todo", "working", "waiting", "waiting", "done"]
    assert all("limit" in column for column in board["column_settings"])
    old = tickets[-1]
    assert (old["title"], old["archived_at"] is not None) == ("Old", True)
    changes = [(change["field_name"], change["new_value"]) for change in old["history"]]
    assert ("current_column", "Done") in changes
    slim = [json.loads(line) for line in kanban.ok("export").out.splitlines()]
    assert [ticket["title"] for ticket in slim] == [ticket["title"] for ticket in tickets[:-1]]
    assert all("history" not in ticket for ticket in slim)


def test_a_folder_of_markdown_is_a_project_of_backlog_md(kanban: Shell, sdk: Kanban, filled: Board) -> None:
    folder = kanban.folder / "backlog"
    assert kanban.ok("export", folder, "--format", "markdown").out == f"4 tickets in {folder}\n"
    assert "statuses:\n- Not Started\n" in (folder / "config.yml").read_text()
    (file,) = (folder / "tasks").glob("task-* - Retry-the-upload-now.md")
    text = file.read_text()
    assert "\nassignee:\n- '@bob'\n" in text
    assert "<!-- AC:BEGIN -->\n- [x] It waits\n- [ ] It tries\n<!-- AC:END -->\n" in text
    other = sdk.boards.create("Elsewhere in Markdown")
    assert kanban.using(KANBAN_BOARD=str(other.id))("import", folder).rows[0][0] == "4 created"
    lost = {"comments", "comment_count", "extra", "created_by"}
    here, there = ({one["title"]: one for one in portable(sdk, board)} for board in (filled, other))
    for title, ticket in there.items():
        kept = {name: value for name, value in ticket.items() if name not in lost}
        assert kept == {name: value for name, value in here[title].items() if name not in lost}, title
    again = kanban("export", folder, "--format", "markdown")
    assert (again.code, "can't be written: File exists" in again.err) == (2, True)


def test_jira_and_linear_get_their_columns(kanban: Shell, filled: Board) -> None:
    def table(format_name: str) -> list[list[str]]:
        return [*csv.reader(io.StringIO(kanban.ok("export", "--format", format_name).out))]

    header, *rows = table("jira")
    assert header[:4] == ["Summary", "Issue key", "Issue id", "Status"]
    assert header[-3:] == ["Labels", "Labels", "Comment"]
    whole = next(row for row in rows if row[0].startswith("Retry"))
    assert (whole[header.index("Due date")], whole[-3:-1]) == ("01/Mar/26 12:00 AM", ["net", "a, b"])
    assert whole[-1].endswith(";ada;Seen, twice\nor so")
    assert "## Acceptance Criteria" in whole[header.index("Description")]
    header, *rows = table("linear")
    assert header[:5] == ["ID", "Team", "Title", "Description", "Status"]
    assert {row[5] for row in rows} == {"Medium", "No priority"}


def test_markdown_needs_a_folder(kanban: Shell) -> None:
    refused = kanban("export", "--format", "markdown")
    assert (refused.code, refused.err.splitlines()[0]) == (2, "kanban: markdown writes a folder.")


def test_a_file_that_can_not_be_written_is_left_as_it_was(kanban: Shell, own: Board) -> None:
    assert "can't be written" in kanban("export", Path("/nowhere/board.csv")).err
