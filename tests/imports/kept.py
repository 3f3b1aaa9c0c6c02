"""The table of the fields that each format keeps, from the files that the tests read, for docs/imports.md.

After a change that is meant: python -m tests.imports.kept
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.imports.samples import EXPECTED, FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "imports.md"
BEGIN, END = "<!-- kept:begin -->\n", "<!-- kept:end -->"
FIELDS = {
    "description": ("description",),
    "criteria": ("acceptance_criteria",),
    "priority": ("priority",),
    "assignee": ("assignee",),
    "labels": ("labels",),
    "author": ("created_by",),
    "made, changed": ("created_at", "updated_at"),
    "done since": ("column_entered_at",),
    "due": ("due_date",),
    "links": ("links",),
    "comments": ("comments",),
    "waits for": ("blocked_by_sources",),
    "parent": ("parent_source",),
    "archived": ("archived",),
    "history": ("history",),
}
"""Column of the table to the fields of a ticket that it stands for."""


def table() -> str:
    expected: dict[str, Any] = json.loads(EXPECTED.read_text())
    kept: dict[str, set[str]] = {name: set() for name in sorted(FORMATS.values())}
    for file, name in FORMATS.items():
        for ticket in expected[file]["tickets"]:
            kept[name] |= ticket.keys()
    lines = [f"| format | {' | '.join(FIELDS)} |", f"| --- |{' :-: |' * len(FIELDS)}"]
    for name, fields in kept.items():
        cells = ["•" if {*names} <= fields else "" for names in FIELDS.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def page_table() -> str:
    """The table that the page has."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2])
