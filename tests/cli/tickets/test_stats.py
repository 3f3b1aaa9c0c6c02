"""The statistics of a board on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kanban_cli.commands.status import sparkline
from kanban_sdk import Board, Kanban
from tests.support.cli import Shell


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


@pytest.fixture
def history(sdk: Kanban, own: Board) -> list[int]:
    """Three tickets: two are in progress, one is done."""
    brought = [
        {"source_id": "old", "title": "Old", "created_at": ago(days=9), "current_column": "Blocked",
         "column_entered_at": ago(days=3, hours=2, minutes=1), "assignee": "bob"},
        {"source_id": "new", "title": "New\u202e", "created_at": ago(hours=2), "current_column": "In Progress",
         "column_entered_at": ago(minutes=29, seconds=1)},
        {"source_id": "done", "title": "Done", "created_at": ago(days=2, seconds=1), "current_column": "Done",
         "column_entered_at": ago(days=1), "assignee": "ada"},
    ]  # fmt: skip
    return list(sdk.boards.import_tickets(own.id, brought).ids.values())


def test_stats_in_a_pipe_are_lines_with_their_kind(kanban: Shell, history: list[int]) -> None:
    old, new, _ = history
    result = kanban.ok("stats", "--days", 14)
    rows = result.rows
    assert rows[:2] == [["cycle", "-", "-", "0"], ["lead", "1d", "1d", "1"]]
    weeks = [row for row in rows if row[0] == "week"]
    assert weeks[0][2] == "1"  # the weeks before the first in which something was done are left out
    assert len(weeks) <= 2
    assert sum(int(row[2]) for row in weeks) == 1
    assert [row for row in rows if row[0] == "in progress"] == [
        ["in progress", str(old), "3d 2h", "Blocked", "bob", "Old"],
        ["in progress", str(new), "29m", "In Progress", "-", "New\\u202e"],
    ]
    assert ["column", "Not Started", "-", "-", "0"] in rows
    assert ["user", "ada", "1", "-", "-"] in rows
    assert result.err == "2 of 2 in progress, 14 days\n"
    assert kanban.ok("stats", "-n", 1).err == "1 of 2 in progress, 90 days\n"
    report = kanban.ok("stats", "--days", 14, "--json").json
    assert (report["days"], report["lead"]["count"], len(report["flow"])) == (14, 1, 14)


def test_stats_on_a_terminal_draw_the_weeks_as_bars(kanban: Shell, history: list[int]) -> None:
    output = kanban.terminal("stats", "--days", 30)
    assert "█" in next(line for line in output.splitlines() if line.startswith("done "))
    assert "3d 2h" in output
    assert "New\\u202e" in output


def test_the_smallest_number_has_a_visible_bar_and_the_largest_a_full_one() -> None:
    assert sparkline([0, 1, 50, 100]) == "▁▂▅█"
    assert sparkline([0, 0]) == "▁▁"
