"""The collection of inputs beside the repository: each line of its README is right. Skips where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kanban_cli.errors import CommandError
from kanban_cli.formats import registry
from kanban_cli.formats.item import ReadOptions
from kanban_cli.invocation import Invocation
from kanban_cli.transfer import importer
from kanban_server.rules.columns import create_columns
from tests.imports.samples import COLUMNS, parse


def case(name: str) -> Path:
    for folder in Path(__file__).resolve().parents:
        if (path := folder / "shared" / "cases" / "import" / name).exists():
            return path
    pytest.skip(f"there is no shared/cases/import/{name} above this repository")


def test_names_after_an_at_sign_are_assignees() -> None:
    one, more = parse(case("02-backlog-at"), "markdown").tickets
    assert (one["assignee"], one["created_by"], one["labels"]) == ("ada", "ada", ["cli", "setup"])
    assert (more["assignee"], more["extra"]["assignee"]) == ("ada", ["@ada", "@bob"])


def test_two_files_of_one_id_are_refused_with_both_names() -> None:
    source = importer.open_source(Invocation(), case("03-backlog-dup"))
    with pytest.raises(CommandError, match=r"audit.md.* and .*update-deps.md.* both have the id 'task-56'"):
        importer.read_tickets(Invocation(), registry.parse("markdown", source, COLUMNS, ReadOptions()))


@pytest.mark.parametrize("name", ["csv", "jira", None])
def test_repeated_columns_are_joined(name: str | None) -> None:
    epic, child = parse(case("04-jira-repeated.csv"), name).tickets
    assert epic["labels"] == ["ui", "web"]
    assert epic["comments"] == [{"text": "first", "author": "u1", "created_at": "2024-01-09T15:55:00+00:00"}]
    assert (child["current_column"], child["extra"]["Resolution"]) == ("Done", "Won't Do")
    assert (child["parent_source"], child["due_date"]) == ("PT-1", "2024-01-12")


def test_jira_has_dates_parents_and_comments() -> None:
    epic, child = parse(case("05-jira-dates-parent.csv")).tickets
    assert (epic["created_at"][:16], epic["updated_at"][:16]) == ("2024-01-09T15:54", "2024-01-10T09:00")
    assert (epic["due_date"], epic["priority"], len(epic["comments"])) == ("2024-01-10", "critical", 1)
    assert child["parent_source"] == "PT-1"


def test_issues_of_several_repositories_are_told_apart() -> None:
    parsed = parse(case("07-github-rest.json"), "github")
    assert [ticket["source_id"] for ticket in parsed.tickets] == ["org/alpha#16", "org/beta#16"]
    first = parsed.tickets[0]
    assert (first["created_by"], first["created_at"][:10], first["updated_at"][:10]) == (
        "ada",
        "2015-05-01",
        "2015-05-02",
    )
    assert first["links"] == [{"ref": "https://github.com/org/alpha/issues/16"}]
    assert parsed.skipped == {"pull requests": 1}


def test_the_statuses_of_beads_lead_to_columns() -> None:
    usual = parse(case("08-beads-statuses.jsonl"), "beads")
    columns = {ticket["source_id"]: ticket["current_column"] for ticket in usual.tickets}
    assert columns == {"p-1": "Done", "p-3": "Blocked", "p-4": "Blocked", "p-5": "In Progress"}
    assert usual.skipped == {"issues deleted there": 1}
    plain = parse(case("08-beads-statuses.jsonl"), "beads", create_columns(["Todo", "Doing", "Review", "Done"]))
    assert [ticket["current_column"] for ticket in plain.tickets] == ["Done", "Review", "Review", "Doing"]
    assert [ticket.get("extra", {}).get("status") for ticket in plain.tickets] == [None, "blocked", "deferred", None]
    small = parse(case("08-beads-statuses.jsonl"), "beads", create_columns(["Todo", "Done"]))
    assert small.unclear == ["p-3: status", "p-4: status", "p-5: status"], "no column is for them, so that is said"


def test_lines_of_other_types_are_counted() -> None:
    parsed = parse(case("09-beads-memory.jsonl"), "beads")
    assert ([ticket["source_id"] for ticket in parsed.tickets], parsed.skipped) == (
        ["p-1"],
        {"lines of type memory": 1},
    )


@pytest.mark.parametrize("name", ["10-obsidian", "10-obsidian/Kanban.md"])
def test_a_board_of_obsidian_is_its_cards(name: str) -> None:
    board = create_columns(["TODO", "DOING", "DONE"])
    tickets = parse(case(name), None, board).tickets
    assert [ticket["current_column"] for ticket in tickets] == ["TODO", "TODO", "DOING", "DONE"]
    assert [ticket.get("labels") for ticket in tickets] == [["pack"], ["core"], ["core"], None]
    assert (tickets[1]["title"], tickets[1]["acceptance_criteria"]) == ("Dynamic crops", "- [ ] Builder method?")


def test_tasks_and_subtasks_of_task_master_come_with_their_tags() -> None:
    tickets = parse(case("11-taskmaster.json")).tickets
    assert [ticket["title"] for ticket in tickets] == ["Scaffold", "Repo", "CI", "API", "Other one"]
    scaffold, repo, ci, api, other = tickets
    assert (scaffold["description"], scaffold["acceptance_criteria"]) == ("d\n\nlong", "t")
    assert {repo["parent_source"], ci["parent_source"]} == {scaffold["source_id"]}
    assert (ci["blocked_by_sources"], api["blocked_by_sources"]) == ([repo["source_id"]], [scaffold["source_id"]])
    assert (other["labels"], other["current_column"]) == (["feature-x"], "Blocked")


def test_cards_of_trello_come_with_all_that_is_on_them() -> None:
    one, archived = parse(case("12-trello.json")).tickets
    assert (one["current_column"], one["labels"], one["assignee"], one["due_date"]) == (
        "In Progress",
        ["Dev"],
        "ada",
        "2026-02-01",
    )
    assert one["acceptance_criteria"] == "- [x] one\n- [ ] two"
    assert {"ref": "https://example.org/spec"} in one["links"]
    assert [comment["text"] for comment in one["comments"]] == ["A comment"]
    assert (archived["archived"], archived["current_column"]) == (True, "Done")


def test_dates_with_the_names_of_months_are_read() -> None:
    (ticket,) = parse(case("14-linear-plane-dates.csv"), "csv").tickets
    assert (ticket["created_at"][:10], ticket["updated_at"][:10]) == ("2025-04-20", "2025-04-22")
    assert (ticket["due_date"], ticket["description"]) == ("2025-04-24", "Just do it")
    assert "priority" not in ticket


def test_utf_16_is_read_by_its_mark() -> None:
    (ticket,) = parse(case("16-utf16.json"), "github").tickets
    assert ticket["title"] == "Prüfung"


def test_two_rows_of_one_id_are_refused_with_both_lines() -> None:
    source = importer.open_source(Invocation(), case("17-dup-id.csv"))
    with pytest.raises(CommandError, match="line 2 and line 3 both have the id '1'"):
        importer.read_tickets(Invocation(), registry.parse("csv", source, COLUMNS, ReadOptions()))


@pytest.mark.parametrize("name", ["21-todo", "21-todo/TODO.md"])
def test_a_check_list_is_its_boxes(name: str) -> None:
    tickets = parse(case(name)).tickets
    assert [(ticket["title"], ticket["current_column"]) for ticket in tickets] == [
        ("Write docs", "Not Started"),
        ("Fix bug", "Done"),
    ]
