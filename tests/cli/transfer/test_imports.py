"""Tickets from GitHub, from folders of Markdown files, and from tables (docs/imports.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban, Ticket
from tests.support.cli import ROOT, Shell

ISSUES: list[dict[str, Any]] = [
    {
        "assignees": [{"id": "U_1", "login": "ada", "name": "Ada"}],
        "author": {"id": "U_2", "is_bot": False, "login": "octo-cat", "name": ""},
        "body": "It **hangs**.\r\n\r\nSee the log.",
        "closed": False,
        "closedAt": None,
        "comments": [
            {
                "id": "IC_1",
                "author": {"login": "eve"},
                "authorAssociation": "MEMBER",
                "body": "Seen on 3.12 too \u001b[31m",
                "createdAt": "2026-02-01T10:00:00Z",
            }
        ],
        "createdAt": "2026-01-31T09:00:00Z",
        "labels": [{"id": "L_1", "name": "bug", "color": "d73a4a"}, {"id": "L_2", "name": "priority: high"}],
        "milestone": {"number": 2, "title": "v2", "dueOn": "2026-03-31T07:00:00Z"},
        "number": 12,
        "projectItems": [{"status": {"optionId": "1", "name": "In review"}, "title": "Roadmap"}],
        "state": "OPEN",
        "title": "Upload hangs",
        "updatedAt": "2026-02-01T10:00:00Z",
        "url": "https://github.com/acme/tool/issues/12",
    },
    {
        "assignees": [{"login": "bob"}, {"login": "eve"}],
        "author": None,
        "body": "",
        "closedAt": "2026-01-20T00:00:00Z",
        "labels": [],
        "number": 7,
        "state": "CLOSED",
        "stateReason": "NOT_PLANNED",
        "title": "x" * 250,
        "url": "https://github.com/acme/tool/issues/7",
        "closedByPullRequestsReferences": [{"number": 9, "url": "https://github.com/acme/tool/pull/9"}],
    },
]

TASK = """---
id: TASK-{number}
title: '{title}'
status: {status}
assignee:
  - '@ada'
created_date: '2026-01-04 10:22'
labels:
  - cli
dependencies: [{dependencies}]
parent_task_id: TASK-1
priority: high
ordinal: 1000
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
What it is about.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [x] #1 It runs
- [ ] #2 It stops
<!-- AC:END -->

## Implementation Notes

Done so far.
"""


def by_source(sdk: Kanban, board: Board) -> dict[str, Ticket]:
    """A board's tickets, by what they are called where they come from."""
    return {ticket.source_id or "": ticket for ticket in sdk.boards.snapshot(board.id).tickets}


def import_twice(kanban: Shell, *command: object) -> list[str]:
    """What the command says when it is run; run again, it changes nothing."""
    row = kanban.ok("import", *command).rows[0]
    again = kanban.ok("import", *command).rows[0]
    created, updated, unchanged, nothing, *rest = again
    assert (created, updated, nothing, rest) == ("0 created", "0 updated", "nothing changed", row[3:])
    assert unchanged.split()[0] == row[0].split()[0]
    return row


def test_github_issues_come_with_all_that_they_say(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "issues.json"
    file.write_text(json.dumps(ISSUES, indent=1))
    assert import_twice(kanban, "github", file) == ["2 created", "0 updated", "0 unchanged"]
    tickets = by_source(sdk, own)
    one, two = tickets["acme/tool#12"], tickets["acme/tool#7"]
    assert (one.title, one.current_column, one.priority, one.assignee) == (
        "Upload hangs",
        "Ready for QC",
        "high",
        "ada",
    )
    assert (one.labels, one.created_by, one.created_at[:10]) == (["bug", "priority: high"], "octo-cat", "2026-01-31")
    assert (one.description, one.due_date) == ("It **hangs**.\r\n\r\nSee the log.", "2026-03-31")
    assert [link.ref for link in one.links] == ["https://github.com/acme/tool/issues/12"]
    assert (one.extra or {}).keys() == {"milestone", "projectItems"}
    assert [(comment.author, comment.text) for comment in sdk.comments.all(one.id)] == [
        ("eve", "Seen on 3.12 too \x1b[31m")
    ]

    assert (two.current_column, two.column_entered_at[:10], two.assignee) == ("Done", "2026-01-20", "bob")
    assert (two.title, two.description) == ("x" * 199 + "…", "x" * 250)
    assert [link.kind for link in two.links] == ["url", "pull-request"]
    assert (two.extra or {})["assignees"] == ISSUES[1]["assignees"]
    assert (two.extra or {})["stateReason"] == "NOT_PLANNED"

    ISSUES[1]["title"] = "Shorter"
    lines = "\n".join(json.dumps(issue) for issue in ISSUES)
    assert kanban.ok("import", "github", "-", stdin=lines).rows[0][:2] == ["0 created", "1 updated"]
    assert sdk.tickets.get(two.id).title == "Shorter"


def test_a_project_of_backlog_md_comes_with_its_criteria_and_dependencies(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    for place, number, status, needs in (
        ("tasks", 1, "To Do", ""),
        ("tasks", 10, "In Progress", "task-9, task-404"),
        ("tasks", 9, "Polishing", ""),
        ("completed", 2, "In Progress", ""),
        ("drafts", 3, "To Do", ""),
    ):
        file = kanban.folder / "backlog" / place / f"task-{number} - A-title.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TASK.format(number=number, title=f"It''s {number}", status=status, dependencies=needs))
    (kanban.folder / "backlog" / "tasks" / "README.md").write_text("# Not a task\n")
    (kanban.folder / "backlog" / "tasks" / "secret.md").symlink_to(kanban.folder / "backlog/drafts/task-3 - A-title.md")
    row = import_twice(kanban, "markdown", kanban.folder)
    assert row == ["4 created", "0 updated", "0 unchanged", "2 not understood", "1 files without front matter"]

    tickets = by_source(sdk, own)
    assert list(tickets) == ["TASK-1", "TASK-9", "TASK-10", "TASK-2"]
    ten = tickets["TASK-10"]
    assert (ten.title, ten.current_column, ten.assignee, ten.priority) == ("It's 10", "In Progress", "ada", "high")
    assert ten.acceptance_criteria == "- [x] It runs\n- [ ] It stops"
    assert ten.description == "What it is about.\n\n## Implementation Notes\n\nDone so far."
    assert (ten.labels, ten.created_at) == (["cli"], "2026-01-04T10:22:00.000000Z")
    assert ten.extra == {"ordinal": "1000", "blocked_by_sources": ["task-404"]}
    assert (ten.blocked_by, ten.parent) == ([tickets["TASK-9"].id], tickets["TASK-1"].id)
    assert tickets["TASK-1"].children == 3
    assert (tickets["TASK-9"].current_column, (tickets["TASK-9"].extra or {})["status"]) == ("Not Started", "Polishing")
    assert tickets["TASK-2"].current_column == "Done"


def test_a_folder_of_plain_task_files_is_read_too(kanban: Shell, sdk: Kanban, own: Board) -> None:
    folder = kanban.folder / "todo"
    (folder / "net").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "no.md").write_text("---\ntitle: no\n---\n")
    (folder / "net" / "retry-upload.md").write_text(
        "---\nTags: a, b\nDue: 2026-05-06\nno: no\n---\n# Retry *it*\n\nText"
    )
    (folder / "empty.md").write_text("---\r\n---\r\n")
    assert import_twice(kanban, "markdown", folder)[0] == "2 created"
    tickets = by_source(sdk, own)
    one = tickets["net/retry-upload"]
    assert (one.title, one.description, one.labels, one.due_date) == ("Retry *it*", "Text", ["a", "b"], "2026-05-06")
    assert (one.extra, tickets["empty"].title) == ({"no": "no"}, "empty")


def test_a_table_comes_by_the_names_of_its_columns(kanban: Shell, sdk: Kanban, own: Board) -> None:
    file = kanban.folder / "tasks.csv"
    rows = [
        "\ufeffKey;Summary;Status;Assigned To;Tags;Depends On;Story Points;Due date",
        'P-1;"Fix; it";READY FOR QC;ada;"a, b";;3;2026-01-02',
        "",
        "P-2;'=1+1;nonsense;anonymous;" + "t" * 60 + ";p-1, P-9;;soon",
    ]
    file.write_text("\r\n".join(rows))
    assert import_twice(kanban, "csv", file)[0] == "2 created"
    tickets = by_source(sdk, own)
    one, two = tickets["P-1"], tickets["P-2"]
    assert (one.title, one.current_column, one.assignee, one.labels) == ("Fix; it", "Ready for QC", "ada", ["a", "b"])
    assert (one.due_date, one.extra) == ("2026-01-02", {"Story Points": "3"})
    assert (two.title, two.current_column, two.assignee) == ("=1+1", "Not Started", None)
    assert two.extra == {
        "status": "nonsense",
        "assignee": "anonymous",
        "labels": "t" * 60,
        "due_date": "soon",
        "blocked_by_sources": ["P-9"],
    }
    assert two.blocked_by == [one.id]


def test_a_table_without_ids_is_known_again_by_its_titles(kanban: Shell, sdk: Kanban, own: Board) -> None:
    table = "What to do,name\nPaint,me\nPaint,you\n"
    command = ("import", "csv", "-", "--map", "What to do=title", "--map", "name=assignee")
    for outcome in ("2 created", "0 created"):
        assert kanban.ok(*command, stdin=table).rows[0][0] == outcome
    tickets = by_source(sdk, own)
    assert {source: ticket.assignee for source, ticket in tickets.items()} == {
        "csv:Paint": "me",
        "csv:Paint (2)": "you",
    }


def test_an_exported_table_comes_back_as_it_was(kanban: Shell, sdk: Kanban, own: Board) -> None:
    for title in ("=cmd|' /C calc'!A0", "+1", '"quoted", twice'):
        sdk.tickets.create(title, board=own.id, description="- a\n- b", priority="1.2", labels=["x", "y z"])
    file = kanban.folder / "board.csv"
    kanban.ok("export", file)
    other = sdk.boards.create("Elsewhere")
    assert import_twice(kanban.using(KANBAN_BOARD=str(other.id)), "csv", file)[0] == "3 created"
    kept = ("title", "description", "priority", "labels", "current_column", "created_by", "created_at")
    here, there = (
        [[getattr(ticket, name) for name in kept] for ticket in sdk.boards.snapshot(board.id).tickets]
        for board in (own, other)
    )
    assert here == there


@pytest.mark.parametrize(
    ("command", "content", "line", "words"),
    [
        ("github", '[\n{"number": 1},\n{"number": "two"}]', 3, "number"),
        ("csv", "title,status\nfine,done\nname,done,too much\n", 3, "3 cells"),
    ],
)
def test_what_can_not_be_read_is_named_by_its_line_and_nothing_is_imported(
    kanban: Shell, command: str, content: str, line: int, words: str
) -> None:
    file = kanban.folder / "broken"
    file.write_text(content)
    refused = kanban("import", command, file)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file}, line {line} can't be read" in refused.err
    assert words in refused.err
    assert kanban.ok("list").out == ""


def test_what_can_not_be_read_of_a_folder_is_named_by_file_and_line(kanban: Shell) -> None:
    folder = kanban.folder / "tasks"
    assert "is no folder" in kanban("import", "markdown", folder).err
    folder.mkdir()
    assert "no Markdown files" in kanban("import", "markdown", folder).err
    (folder / "good.md").write_text("---\ntitle: good\n---\n")
    bomb = folder / "bomb.md"
    bomb.write_text("---\na: &a [x, x]\nb: &b [*a, *a]\n---\n")
    refused = kanban("import", "markdown", folder)
    assert (refused.code, refused.out) == (2, "")
    assert f"{bomb}, line 3 can't be read: references (*name) are not read" in refused.err
    assert kanban.ok("list").out == ""


def test_what_the_server_refuses_is_named_by_its_line_too(kanban: Shell) -> None:
    deep: Any = "x"
    for _ in range(120):
        deep = [deep]
    issues = [{"number": 1, "title": "fine"}, {"number": 2, "title": "deep", "odd": deep}]
    file = kanban.folder / "deep.json"
    file.write_text("\n".join(json.dumps(issue) for issue in issues))
    refused = kanban("import", "github", file)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file}, line 2: `extra` has more than 100 levels." in refused.err


def test_the_specification_names_every_word_that_is_known() -> None:
    from kanban_cli.formats import fields, statuses

    page = Path(ROOT / "docs" / "imports.md").read_text()
    for words in (*statuses.STATUSES.values(), *statuses.PRIORITIES.values(), *fields.FIELD_NAMES.values()):
        for word in words:
            assert word in page, word
