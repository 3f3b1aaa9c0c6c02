"""Importing a file again: what the command takes, leaves, refuses, and says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban, Ticket
from tests.support.cli import Shell

ISSUE: dict[str, Any] = {
    "id": "web-7",
    "title": "Menu closes too early",
    "status": "open",
    "priority": 2,
    "issue_type": "bug",
    "created_at": "2026-03-01T08:00:00Z",
    "created_by": "kim",
    "updated_at": "2026-03-01T08:00:00Z",
    "description": "On hover.",
}


def shared_case(name: str) -> Path:
    """A file of the collection of inputs beside the repository. Skips where there is none."""
    for folder in Path(__file__).resolve().parents:
        if (path := folder / "shared" / "cases" / "import" / name).exists():
            return path
    pytest.skip(f"there is no shared/cases/import/{name} above this repository")


def tickets(sdk: Kanban, board: Board) -> dict[str, Ticket]:
    return {ticket.source_id or "": ticket for ticket in sdk.boards.snapshot(board.id).tickets}


def issues_file(folder: Path, *issues: dict[str, Any]) -> Path:
    file = folder / "issues.jsonl"
    file.write_text("\n".join(json.dumps(issue) for issue in issues))
    return file


def change_and_import_again(kanban: Shell, sdk: Kanban, own: Board, file: Path) -> None:
    """Import a file of one open issue, move, edit, label, assign and claim the ticket, and import it again."""
    assert kanban.ok("import", "beads", file).rows[0][0] == "1 created"
    (ticket,) = tickets(sdk, own).values()
    sdk.tickets.edit(ticket.id, priority="critical", description="new", assignee="bob", labels=["mine"])
    sdk.tickets.move(ticket.id, "Done")
    sdk.tickets.move(ticket.id, "Not Started")
    sdk.tickets.claim(ticket.id)
    before = sdk.boards.snapshot(own.id)
    for who in ("ada", "bob"):
        answer = kanban.using(KANBAN_USER=who).ok("import", "beads", file, "--json").json
        assert (answer["unchanged"], answer["reports"]) == (1, []), who
    assert sdk.boards.snapshot(own.id) == before


def test_an_unchanged_file_undoes_nothing(kanban: Shell, sdk: Kanban, own: Board) -> None:
    change_and_import_again(kanban, sdk, own, issues_file(kanban.folder, ISSUE))


def test_the_shared_case_of_an_import_again_undoes_nothing(kanban: Shell, sdk: Kanban, own: Board) -> None:
    change_and_import_again(kanban, sdk, own, shared_case("01-reimport.jsonl"))


def test_conflicts_and_held_tickets_are_named_and_taken_with_the_flags(kanban: Shell, sdk: Kanban, own: Board) -> None:
    kanban.ok("import", "beads", issues_file(kanban.folder, ISSUE, {**ISSUE, "id": "web-8", "title": "Held"}))
    one, two = tickets(sdk, own).values()
    sdk.tickets.edit(one.id, title="Mine", priority="low")
    with Kanban(kanban.environment["KANBAN_URL"], "bob") as bob:
        bob.tickets.claim(two.id)
    changed = {"title": "Theirs", "priority": 0}
    file = issues_file(kanban.folder, {**ISSUE, **changed}, {**ISSUE, **changed, "id": "web-8"})
    rows = kanban.ok("import", "beads", file).rows
    assert rows == [
        ["0 created", "0 updated", "2 unchanged", "nothing changed", "1 conflicts", "1 held by others"],
        ["conflict", "web-7", "title, priority"],
        ["held", "web-8", "title, priority", "held by bob"],
    ]
    answer = kanban.ok("import", "beads", file, "--prefer", "source", "--json").json
    assert (answer["updated"], answer["conflicts"], answer["held"]) == (1, 1, 1)
    conflict = {"kind": "conflict", "source_id": "web-7", "ticket_id": one.id, "fields": ["title", "priority"]}
    assert answer["reports"][0] == {**conflict, "taken": True}
    assert kanban.ok("import", "beads", file, "--force").rows == [["0 created", "1 updated", "1 unchanged"]]
    assert [(ticket.title, ticket.priority) for ticket in tickets(sdk, own).values()] == [("Theirs", "critical")] * 2
    forced = sdk.boards.events(own.id, after=0).events[-1]
    assert forced.data["forced"] is True


def check_refused(kanban: Shell, sdk: Kanban, own: Board, file: Path, *lines: int) -> None:
    """The import of a file is refused with the lines of the two that have one id."""
    refused = kanban("import", "csv", file)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file}, line {lines[0]} and line {lines[1]} both have the id '1'. Nothing was imported." in refused.err
    assert f"sed -n '{lines[0]}p;{lines[1]}p'" in refused.err
    assert tickets(sdk, own) == {}


def test_two_rows_of_one_id_are_refused_with_both_lines(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "rows.csv"
    file.write_text("id,Title\n1,Paint\n2,Sand\n1,Sweep\n")
    check_refused(kanban, sdk, own, file, 2, 4)


def test_the_shared_case_of_two_rows_of_one_id_is_refused_with_both_lines(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    check_refused(kanban, sdk, own, shared_case("17-dup-id.csv"), 2, 3)


def test_two_files_of_one_id_are_refused_with_both_names(kanban: Shell, sdk: Kanban, own: Board) -> None:
    folder = kanban.folder / "todo"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(f"---\nid: T-1\ntitle: {name}\n---\n")
    refused = kanban("import", "markdown", folder)
    assert (refused.code, tickets(sdk, own)) == (2, {})
    assert f"{folder}/a.md, line 1 and {folder}/b.md, line 1 both have the id 'T-1'" in refused.err
    piped = kanban("import", "beads", "-", stdin=f"{json.dumps(ISSUE)}\n\n{json.dumps(ISSUE)}\n")
    assert (piped.code, "stdin, line 1 and line 3 both have the id 'web-7'" in piped.err) == (2, True)


def test_links_are_made_over_all_requests_in_whatever_order_the_file_has(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    """The children are in the first request of five, their parent and last blocker in the last."""
    rows = [{"number": n, "blocked_by": n + 1, "parent": 230} for n in range(230)] + [{"number": 230}]
    file = kanban.folder / "many.csv"
    lines = [f"{row['number']},Row,{row.get('blocked_by', '')},{row.get('parent', '')}" for row in rows]
    file.write_text("\n".join(["id,title,blocked_by,parent", *lines]))
    output = kanban.ok("import", "csv", file).rows
    assert output[0][:3] == ["231 created", "0 updated", "0 unchanged"]
    by_title = tickets(sdk, own)
    last = by_title["230"].id
    assert by_title["228"].blocked_by == [by_title["229"].id]
    assert {by_title[str(n)].parent for n in range(230)} == {last}, (
        "children in the first request, the parent in the last"
    )
    assert by_title["230"].children == 230
    assert all(by_title[str(n)].blocked_by == [by_title[str(n + 1)].id] for n in range(229))
    again = kanban.ok("import", "csv", file)
    assert again.rows[0][:4] == ["0 created", "0 updated", "231 unchanged", "nothing changed"]


def test_what_was_not_understood_is_named(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "odd.csv"
    file.write_text(
        "id,title,status,due,assignee,created,priority,blocked_by\n"
        "1,Odd,simmering,soon,system,yesterday,whenever,9\n"
        "2,Fine,done,2026-01-02,ada,2026-01-01,high,1\n"
    )
    answer = kanban.ok("import", "csv", file, "--json").json
    named = {report["fields"][0]: report["value"] for report in answer["reports"]}
    assert named == {
        "status": "simmering",
        "due_date": "soon",
        "assignee": "system",
        "created_at": "yesterday",
        "priority": "whenever",
        "blocked_by_sources": "9",
    }
    assert answer["not_understood"] == 6
    assert {report["kind"] for report in answer["reports"]} == {"not-understood"}
    rows = kanban.ok("import", "csv", file).rows
    assert rows[0][-1] == "6 not understood"
    assert ["not understood", "1", "due_date", "soon", f"{file}, line 2"] in rows
    assert ["not understood", "1", "blocked_by_sources", "9", "not on the board"] in rows
    assert (tickets(sdk, own)["1"].extra or {})["due_date"] == "soon"
