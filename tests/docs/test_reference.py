"""The reference is made from the code, and has something to say of everything."""

from __future__ import annotations

import re

import pytest

from tests.docs.reference import PAGES

ROW = re.compile(r"^\| `?[^|]+\|.*$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_reference_leaves_nothing_unsaid(page: str) -> None:
    made = PAGES[page]()
    assert made.startswith("# ")
    rows = [row for row in ROW.findall(made) if not row.startswith("| ---")]
    assert rows or page == "commands.md"
    empty = {"settings.md": 1, "events.md": 2}.get(page)  # a default, and an event's own fields, may be nothing
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert all(cell or place == empty for place, cell in enumerate(cells)), row
