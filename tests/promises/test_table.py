"""The table of promises has no empty cell."""

from __future__ import annotations

from tests.promises.__main__ import collected, shown
from tests.promises.table import all_cells, reason


def test_every_promise_is_tested_as_every_actor_by_every_way_on_each_database_or_has_a_reason() -> None:
    tests = collected()
    assert [cell for cell in all_cells() if not tests[cell] and reason(cell) is None] == []
    assert [cell for cell in tests if reason(cell) is not None] == []
    assert "EMPTY" not in shown(tests)
