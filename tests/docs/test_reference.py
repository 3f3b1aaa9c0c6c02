"""The generated reference has a description for every entry."""

from __future__ import annotations

import re

import pytest

from tests.docs.reference import PAGES

ROW = re.compile(r"^\| `?[^|]+\|.*$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_reference_describes_every_row(page: str) -> None:
    text = PAGES[page]()
    assert text.startswith("# ")
    rows = [row for row in ROW.findall(text) if not row.startswith("| ---")]
    assert rows or page == "commands.md"
    empty = {"settings.md": 1, "events.md": 2}.get(page)  # a default, and an event's own fields, may be empty
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert all(cell or place == empty for place, cell in enumerate(cells)), row
