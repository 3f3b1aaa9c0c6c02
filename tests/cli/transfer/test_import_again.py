"""Every format imported again: an unchanged file changes nothing, and a change at the source is taken alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban, Ticket
from tests.imports.samples import FOLDER, FORMATS, parse
from tests.support.cli import Shell
from tests.support.servers import Server

CHANGES = {
    "jira.json": ("always", "each time", "description"),
    "Tool 0123456789abcdef0123456789abcdef.csv": ("March 1,", "March 2,", "due_date"),
    "kanboard.csv": ("03/01/2026", "03/02/2026", "due_date"),
    "taskwarrior.json": ("20260301T", "20260302T", "due_date"),
    "todo.txt": ("due:2026-03-01", "due:2026-03-02", "due_date"),
}
"""What changes at the source: the text before and after, and the ticket's field."""
DESCRIPTION = ("It gives up at once.", "It gives up soon.", "description")


def bring(sdk: Kanban, board: Board, path: Path, name: str) -> dict[str, Any]:
    imported = sdk.boards.import_tickets(board.id, parse(path, name).tickets)
    counts = {kind: getattr(imported, kind) for kind in ("created", "updated", "unchanged", "conflicts", "held")}
    return {kind: count for kind, count in counts.items() if count}


def change(folder: Path, old: str, new: str) -> None:
    """Replace a text in a file, or in the one file of a folder that has it."""
    files = [folder] if folder.is_file() else [*folder.rglob("*.md")]
    (file,) = [file for file in files if old in file.read_text()]
    file.write_text(file.read_text().replace(old, new))


def retry(sdk: Kanban, board: Board) -> Ticket:
    return next(one for one in sdk.boards.snapshot(board.id).tickets if one.title == "Retry the upload")


@pytest.mark.parametrize("file", FORMATS)
def test_a_second_import_takes_what_changed_there_and_nothing_else(
    sqlite: Server, sdk: Kanban, own: Board, tmp_path: Path, file: str
) -> None:
    name, path = FORMATS[file], tmp_path / file
    (shutil.copytree if (FOLDER / file).is_dir() else shutil.copy)(FOLDER / file, path)
    count = len(parse(path, name).tickets)
    assert bring(sdk, own, path, name) == {"created": count}
    assert bring(sdk, own, path, name) == {"unchanged": count}

    ticket = retry(sdk, own)
    others = [one for one in sdk.boards.snapshot(own.id).tickets if one.id != ticket.id]
    for finished in [one for one in others if not (one.children or one.blocked_by)][:1]:
        sdk.tickets.move(finished.id, "Done")
    sdk.boards.archive(own.id, days=0)
    sdk.tickets.edit(ticket.id, priority="3.1", labels=[*ticket.labels, "mine"], acceptance_criteria="Mine")
    sdk.tickets.move(ticket.id, "Blocked")
    sdk.tickets.claim(ticket.id)
    before = sdk.boards.snapshot(own.id)
    with sqlite.kanban("bob") as bob:
        assert bring(bob, own, path, name) == {"unchanged": count}
    assert sdk.boards.snapshot(own.id) == before
    sdk.tickets.release(ticket.id)
    mine = retry(sdk, own)

    old, new, field = CHANGES.get(file, DESCRIPTION)
    change(path, old, new)
    assert bring(sdk, own, path, name) == {"updated": 1, "unchanged": count - 1}
    taken = retry(sdk, own)
    assert getattr(taken, field) != getattr(mine, field)
    passing = {"version": taken.version, "updated_at": taken.updated_at, "updated_by": taken.updated_by}
    assert mine.but(**{field: getattr(taken, field)}, **passing) == taken
    assert bring(sdk, own, path, name) == {"unchanged": count}


def test_the_command_says_what_it_recognized_and_counts_what_it_left_out(kanban: Shell, own: Board) -> None:
    output = kanban("import", FOLDER / "beads.jsonl")
    assert output.err == f"kanban: {FOLDER / 'beads.jsonl'} is read as beads (JSONL).\n"
    assert output.rows[0] == [
        "3 created",
        "0 updated",
        "0 unchanged",
        "1 issues deleted there",
        "1 lines of type memory",
    ]
    answer = kanban("import", FOLDER / "beads.jsonl", "--json").json
    assert (answer["format"], answer["unchanged"], answer["skipped"]) == ("beads", 3, 2)
    assert answer["skipped_kinds"] == {"issues deleted there": 1, "lines of type memory": 1}


def test_a_dry_run_says_what_a_file_holds_and_sends_nothing(kanban: Shell, own: Board) -> None:
    rows = kanban.ok("import", "todoist", FOLDER / "todoist.csv", "--dry-run").rows
    assert rows[0] == ["3 tickets", "2 in In Progress", "1 in Done", "1 not understood", "1 rows of type meta"]
    place = f"{FOLDER / 'todoist.csv'}, line 6"
    assert rows[1] == ["not understood", "todoist:Wait", "due_date", "every day", place]
    listed = kanban.ok("list")
    assert (listed.out, listed.err) == ("", "0 of 0\n")


def test_a_file_that_is_not_recognized_is_refused_with_the_formats(kanban: Shell) -> None:
    file = kanban.folder / "notes.bin"
    file.write_text("nothing")
    refused = kanban("import", file)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file} is of no format that is known: jsonl, csv, markdown" in refused.err
    assert "'trellis' is no format" in kanban("import", "trellis", file).err
    assert "Which file?" in kanban("import", "trello").err


def test_an_ambiguous_date_is_named_with_the_option_for_it(kanban: Shell, own: Board) -> None:
    file = kanban.folder / "tasks.csv"
    file.write_text("id,title,due\n1,One,01/02/2026\n")
    rows = kanban.ok("import", "csv", file, "--dry-run").rows
    reason = "day or month first? --dates dmy or --dates mdy"
    assert rows[1] == ["not understood", "1", "due_date", "01/02/2026", f"{file}, line 2", reason]
    assert kanban.ok("import", "csv", file, "--dates", "mdy").rows == [["1 created", "0 updated", "0 unchanged"]]


def test_what_was_imported_under_a_former_name_is_not_doubled(kanban: Shell, sdk: Kanban, own: Board) -> None:
    """Files as versions before named their issues: by the number alone, and with the zeros of the id."""
    old = [
        {"source_id": "#7", "title": "Retry the upload"},
        {"source_id": "task-007", "title": "Retry the upload"},
        {"source_id": "csv:Retry the upload", "title": "Retry the upload"},
    ]
    sdk.boards.import_tickets(own.id, old)
    for file, count in (("github-rest.json", 2), ("backlog", 3), ("asana.csv", 3)):
        rows = kanban("import", FOLDER / file).rows
        assert rows[0][:2] == [f"{count - 1} created", "1 updated"], file
        assert kanban("import", FOLDER / file).rows[0][:4] == [
            "0 created",
            "0 updated",
            f"{count} unchanged",
            "nothing changed",
        ]
    names = {ticket.source_id for ticket in sdk.boards.snapshot(own.id).tickets}
    assert {"acme/tool#7", "task-7", "asana:1201"} < names
    assert not names & {"#7", "task-007", "csv:Retry the upload"}
