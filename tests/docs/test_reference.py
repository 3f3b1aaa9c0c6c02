"""The generated reference has a description for every entry."""

from __future__ import annotations

import re

import pytest

from tests.docs.reference import PAGES

ROW = re.compile(r"^\| `?[^|]+\|.*$", re.MULTILINE)


@pytest.mark.parametrize("page", ["commands.md", "events.md", "problems.md", "settings.md"])
def test_a_page_of_the_reference_describes_every_row(page: str) -> None:
    text = PAGES[page]()
    assert text.startswith("# ")
    rows = [row for row in ROW.findall(text) if not row.startswith("| ---")]
    assert rows
    empty = {"settings.md": 1, "events.md": 2}.get(page)  # a default, and an event's own fields, may be empty
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert all(cell or place == empty for place, cell in enumerate(cells)), row


@pytest.mark.parametrize(
    ("page", "count", "heading"), [("http.md", 77, "###"), ("mcp.md", 12, "##"), ("sdk.md", 70, "###")]
)
def test_every_request_tool_and_operation_has_a_description(page: str, count: int, heading: str) -> None:
    text = PAGES[page]().partition("## Shapes")[0]
    entries = re.split(rf"^{heading} ", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= count
    for entry in entries:
        prose = re.sub(r"```.*?```", "", entry.partition("\n")[2], flags=re.DOTALL).strip()
        assert prose, entry
        assert not prose.startswith(("|", "Response", "Body")), entry
