"""The column that a status leads to, by the names and the roles of the board's columns."""

from __future__ import annotations

import pytest

from kanban_cli.formats.statuses import match_column
from kanban_server.rules.columns import create_columns

USUAL = ("Not Started", "In Progress", "Blocked", "Ready for QC", "Done")
PLAIN = ("Todo", "Doing", "Review", "Done")


@pytest.mark.parametrize(
    ("board", "status", "column"),
    [
        (USUAL, "Code Review", "Ready for QC"),
        (USUAL, "in-progress", "In Progress"),
        (USUAL, "On Hold", "Blocked"),
        (USUAL, "Canceled", "Done"),
        (USUAL, "Won't Do", "Done"),
        (USUAL, "Won\u2019t fix", "Done"),
        (USUAL, "Duplicate", "Done"),
        (USUAL, "Released", "Done"),
        (USUAL, "\N{CONSTRUCTION SIGN} Doing", "In Progress"),
        (USUAL, "READY FOR QC", "Ready for QC"),
        (USUAL, "Simmering", None),
        (PLAIN, "in_progress", "Doing"),
        (PLAIN, "In QA", "Review"),
        (PLAIN, "blocked", "Review"),
        (PLAIN, "backlog", "Todo"),
        (("Open", "Closed"), "doing", None),
        (("Open", "Closed"), "blocked", None),
        (("Open", "Waiting", "Closed"), "In Review", "Waiting"),
    ],
)
def test_a_status_leads_to_a_column(board: tuple[str, ...], status: str, column: str | None) -> None:
    assert match_column(status, create_columns(board)) == column
