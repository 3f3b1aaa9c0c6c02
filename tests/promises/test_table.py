"""Each cell of the table of promises has a test or a reason."""

from __future__ import annotations

from tests.promises.__main__ import collected, format_table
from tests.promises.table import all_cells, reason


def test_every_cell_of_the_table_has_a_test_or_a_reason() -> None:
    tests = collected()
    assert [cell for cell in all_cells() if not tests[cell] and reason(cell) is None] == []
    assert [cell for cell in tests if reason(cell) is not None] == []
    assert "EMPTY" not in format_table(tests)
