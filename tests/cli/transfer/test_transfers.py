"""Tickets from elsewhere and to elsewhere: import beads, export, import jsonl."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import ROOT, Shell
from tests.support.servers import Server

REAL = Path(os.environ.get("KANBAN_TEST_DATA") or ROOT.parent / "shared" / "data") / "beads-issues.jsonl"
BOARD_FIELDS = {"id", "board_id", "version", "blocked_by", "parent"}
"""What a ticket has of the place where it is."""


def exported(shell: Shell, board: int) -> list[dict[str, Any]]:
    lines = shell.ok("export", "-b", board).out.splitlines()
    return [_portable(json.loads(line)) for line in lines]


def _portable(ticket: dict[str, Any]) -> dict[str, Any]:
    comments = [
        {k: v for k, v in one.items() if k not in {"id", "ticket_id", "board_id"}} for one in ticket["comments"]
    ]
    return {name: value for name, value in ticket.items() if name not in BOARD_FIELDS} | {"comments": comments}


def write(shell: Shell, *issues: object) -> Path:
    file = shell.folder / "issues.jsonl"
    file.write_text("".join(f"{json.dumps(issue)}\n" for issue in issues))
    return file


@pytest.mark.skipif(not REAL.is_file(), reason=f"the real issues are not here: {REAL.name} (KANBAN_TEST_DATA)")
@pytest.mark.slow
def test_real_issues_survive_import_export_and_import_elsewhere(kanban: Shell, own: Board, own_sqlite: Server) -> None:
    issues = [json.loads(line) for line in REAL.read_text().splitlines()]
    counts = kanban.ok("import", "beads", REAL, "--json").json
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (len(issues), 0, 0)
    again = kanban.ok("import", "beads", REAL)
    assert again.rows[0][:4] == ["0 created", "0 updated", f"{len(issues)} unchanged", "nothing changed"]

    file = kanban.folder / "board.jsonl"
    kanban.ok("export", file)
    elsewhere = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD="1")
    elsewhere.ok("import", "jsonl", file)
    assert exported(elsewhere, 1) == exported(kanban, own.id)
    assert elsewhere.ok("import", "jsonl", file).rows[0][3] == "nothing changed"

    tickets = {ticket["source_id"]: ticket for ticket in exported(kanban, own.id)}
    for issue in issues:
        ticket = tickets[issue["id"]]
        fields = {**ticket, **(ticket["extra"] or {}), "labels": ticket["labels"]}
        assert issue["title"] == (ticket["extra"] or {}).get("title", ticket["title"])
        assert (issue.get("description") or None) == ticket["description"]
        assert issue["issue_type"] in ticket["labels"]
        assert set(issue.get("labels", [])) <= set(ticket["labels"])
        for name in ("assignee", "dependencies", "parent", "notes", "design", "close_reason", "owner", "closed_at"):
            assert issue.get(name) in (fields.get(name), ""), (issue["id"], name)
        linked = {
            kind: [one["depends_on_id"] for one in issue.get("dependencies", []) if one["type"] == kind]
            for kind in ("blocks", "parent-child")
        }
        assert sorted(ticket["blocked_by_sources"]) == sorted(linked["blocks"])
        assert ticket["parent_source"] == next(iter(linked["parent-child"]), None)


def test_a_beads_issue_keeps_everything(kanban: Shell, own: Board) -> None:
    whole = {
        "id": "bd-1",
        "title": "T" * 300,
        "description": "below",
        "status": "hooked",
        "priority": 4,
        "issue_type": "bug",
        "labels": ["ui", "L" * 51],
        "assignee": "eve",
        "created_by": "system",
        "created_at": "2026-01-02T03:04:05.123456789+01:00",
        "updated_at": "never",
        "dependencies": [{"issue_id": "bd-1", "depends_on_id": "bd-0", "type": "blocks"}],
        "comments": [{"id": 1, "author": "bob", "text": "first", "created_at": "2026-01-03T00:00:00Z"}],
        "design": "NUL \0 and \ud800",
    }
    closed = {"id": "bd-2", "title": "Closed", "status": "closed", "priority": 0, "closed_at": "2026-02-01T00:00:00Z"}
    odd = {"id": "bd-3", "title": "Odd", "status": "pinned", "priority": "soon", "description": "é" * 40_000}
    kanban.ok("import", "beads", write(kanban, whole, closed, odd))
    one, done, long = sorted(exported(kanban, own.id), key=lambda ticket: str(ticket["source_id"]))

    assert (one["title"], one["description"]) == ("T" * 199 + "…", "T" * 300 + "\n\nbelow")
    assert (one["current_column"], one["priority"], one["assignee"]) == ("In Progress", "4.0", "eve")
    assert (one["labels"], one["created_at"]) == (["bug", "ui"], "2026-01-02T02:04:05.123456Z")
    assert one["extra"] == {
        "status": "hooked",
        "labels": whole["labels"],
        "created_by": "system",
        "updated_at": "never",
        "dependencies": whole["dependencies"],
        "design": "NUL \u2400 and \ufffd",
        "blocked_by_sources": ["bd-0"],
    }
    assert [(comment["author"], comment["text"], comment["created_at"][:10]) for comment in one["comments"]] == [
        ("bob", "first", "2026-01-03")
    ]
    assert (done["current_column"], done["priority"]) == ("Done", "critical")
    assert done["column_entered_at"] == "2026-02-01T00:00:00.000000Z"
    assert (long["title"], long["current_column"]) == ("Odd", "Blocked")
    assert long["extra"] == {"status": "pinned", "priority": "soon"}
    first = long["description"].removesuffix("\n\n(The rest is in the comments.)")
    rest = "".join(comment["text"].partition("\n\n")[2] for comment in long["comments"])
    assert first + rest == "é" * 40_000


def test_a_large_file_goes_in_requests_that_the_server_takes(kanban: Shell, own: Board) -> None:
    issues = [{"id": f"bd-{n}", "title": "Large", "status": "open", "description": "ü" * 30_000} for n in range(12)]
    issues += [{"id": f"bd-s{n}", "title": "Small", "status": "open"} for n in range(120)]
    assert kanban.ok("import", "beads", write(kanban, *issues)).rows[0][0] == "132 created"
    assert len(exported(kanban, own.id)) == 132


def test_what_was_made_here_is_taken_back_elsewhere_unchanged(
    kanban: Shell, sdk: Kanban, own: Board, own_sqlite: Server
) -> None:
    first = kanban.ok("add", "First", "-d", "- = +", "-l", "b", "-l", "a", "-a", "bob").rows[0][0]
    second = kanban.ok("add", "Second").rows[0][0]
    sdk.tickets.edit(int(first), due_date="2026-01-31", blocked_by=[int(second)])
    sdk.tickets.link(int(first), add=["0123abc"])
    kanban.ok("comment", first, "one", "-u", "bob")
    kanban.ok("comment", first, "two")
    kanban.ok("move", second, "Not Started", "--top")
    file = kanban.folder / "board.jsonl"
    kanban.ok("export", file)
    assert [ticket["source_id"] for ticket in exported(kanban, own.id)] == [
        f"export:{own.id}:{second}",
        f"export:{own.id}:{first}",
    ]
    elsewhere = kanban.using(KANBAN_URL=own_sqlite.url, KANBAN_BOARD="1")
    for outcome in ("2 created", "0 created"):
        assert elsewhere.ok("import", "jsonl", "-", stdin=file.read_text()).rows[0][0] == outcome
    passing = {"place", "updated_by", "assigned_by"}
    here, there = (
        [{name: value for name, value in ticket.items() if name not in passing} for ticket in tickets]
        for tickets in (exported(kanban, own.id), exported(elsewhere, 1))
    )
    assert here == there


def test_a_board_without_the_columns_is_told_how_to_get_them(kanban: Shell, own: Board) -> None:
    file = write(kanban, {"id": 7, "board_id": 3, "title": "From afar", "current_column": "Parked"})
    refused = kanban("import", "jsonl", file)
    assert (refused.code, refused.out) == (2, "")
    names = "'Not Started' 'In Progress' Blocked 'Ready for QC' Parked Done"
    assert f"next: kanban board columns -b {own.id} {names}\n" in refused.err


@pytest.mark.parametrize("line", ["{", "[]", '{"title": "no id"}', '{"id": 7}', '{"id": "\\ud800'])
def test_a_line_that_can_not_be_read_is_named_and_nothing_is_imported(kanban: Shell, line: str) -> None:
    file = kanban.folder / "broken.jsonl"
    file.write_text(f'{{"id": "bd-1", "title": "Good"}}\n{line}\n')
    refused = kanban("import", "beads", file)
    assert (refused.code, refused.out) == (2, "")
    assert "line 2" in refused.err
    assert kanban.ok("list").out == ""


def test_csv_cells_can_not_run_as_formulas(kanban: Shell, sdk: Kanban, own: Board) -> None:
    for title in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", 'said "no", twice'):
        sdk.tickets.create(title, board=own.id, description="\tx\n=y")
    file = kanban.folder / "board.csv"
    kanban.ok("export", file)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [row["title"] for row in rows] == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", 'said "no", twice']
    assert {row["description"] for row in rows} == {"'\tx\n=y"}
    assert kanban.ok("export", "--format", "csv").out == file.read_text()


def test_a_terminal_sees_the_import_go_on(kanban: Shell) -> None:
    output = kanban.terminal("import", "beads", write(kanban, {"id": "bd-1", "title": "Seen", "status": "open"}))
    assert "Importing" in output
    assert output.splitlines()[-1].endswith("1 created  0 updated  0 unchanged")
