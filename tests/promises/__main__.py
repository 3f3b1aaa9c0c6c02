"""Print which cells of the table have tests, as pytest collects them. Exit 1 if one has neither test nor reason.

A test declares its cells by the marker `promise`: the number of the promise, and `ways`, unless it is parametrized over
`way`. The kind of actor and the database come from its parameters (`kind` or the fixtures of tests/support/actors.py;
`on` or `actor_database`).
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.promises.table import DATABASES, PROMISES, WAYS, Cell, all_cells, reason
from tests.support.actors import ACTORS

ROOT = Path(__file__).parents[2]


class Collector:
    """Counts the tests of each cell."""

    def __init__(self) -> None:
        self.tests: Counter[Cell] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run before the hook that deselects slow tests."""
        for item in items:
            for mark in item.iter_markers("promise"):
                self.tests.update(_cells(item, mark))


def _cells(item: pytest.Item, mark: pytest.Mark) -> list[Cell]:
    chosen = getattr(item, "callspec", None)
    parameters = {} if chosen is None else chosen.params
    names = getattr(item, "fixturenames", ())
    actor = next((parameters[name] for name in ("kind", "writer", "actor") if name in parameters), None)
    if actor is None and "viewer" in names:
        actor = "viewer"
    if actor is None:
        raise ValueError(f"{item.nodeid} has no kind of actor")
    database = parameters.get("on", parameters.get("actor_database", "sqlite"))
    ways = [parameters["way"]] if "way" in parameters else mark.kwargs["ways"]
    return [Cell(number, actor, way, database) for number in mark.args for way in ways]


def collected() -> Counter[Cell]:
    """Return the number of tests of each cell."""
    mark = "@pytest.mark.promise("
    files = [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if mark in (text := path.read_text()) or "@in_every_cell(" in text
    ]
    collector = Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *files], plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(output.getvalue())
    return collector.tests


def format_table(tests: Counter[Cell]) -> str:
    """Format the table: per promise and actor, the tests on each database for each way; `–` has a reason."""
    lines: list[str] = []
    reasons: dict[str, int] = {}
    for promise, word in PROMISES.items():
        lines += ["", f"Promise {promise}: {word}", f"{'':<16}" + "".join(f"{way:>18}" for way in WAYS)]
        for actor in ACTORS:
            row = f"{actor:<16}"
            for way in WAYS:
                cells = [Cell(promise, actor, way, database) for database in DATABASES]
                why = reason(cells[0])
                if why is not None:
                    reasons.setdefault(why, len(reasons) + 1)
                row += f"{' + '.join(_one(tests, cell, reasons) for cell in cells):>18}"
            lines.append(row)
    lines += ["", f"Tests on {' + '.join(DATABASES)}; reasons of cells without one:"]
    return "\n".join([*lines[1:], *(f"  ({number}) {why}" for why, number in reasons.items())])


def _one(tests: Counter[Cell], cell: Cell, reasons: dict[str, int]) -> str:
    if tests[cell]:
        return str(tests[cell])
    why = reason(cell)
    return "EMPTY" if why is None else f"({reasons[why]})"


def main() -> None:
    """Print the table."""
    tests = collected()
    print(format_table(tests))
    empty = [cell for cell in all_cells() if not tests[cell] and reason(cell) is None]
    both = [cell for cell in tests if reason(cell) is not None]
    for cell in empty:
        print(f"No test and no reason: {cell}", file=sys.stderr)
    for cell in both:
        print(f"A test, and a reason for none: {cell}", file=sys.stderr)
    sys.exit(1 if empty or both else 0)


if __name__ == "__main__":
    main()
