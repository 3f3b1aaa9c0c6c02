"""Dates as trackers write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kanban_cli.formats import dates
from kanban_cli.formats.item import DateOrder, ReadOptions
from kanban_cli.formats.registry import parse
from kanban_cli.formats.source import Source
from tests.imports.samples import COLUMNS


@pytest.mark.parametrize(
    ("text", "time", "order"),
    [
        ("2026-01-09T15:54:00Z", "2026-01-09T15:54:00+00:00", None),
        ("2026-01-09 15:54:00 UTC", "2026-01-09T15:54:00+00:00", None),
        ("20260109T155400Z", "2026-01-09T15:54:00+00:00", None),
        ("09/Jan/26 3:54 PM", "2026-01-09T15:54:00+00:00", None),
        ("9 Jan. 2026", "2026-01-09T00:00:00+00:00", None),
        ("Fri, 09 Jan 2026 15:54:00 +0200", "2026-01-09T13:54:00+00:00", None),
        ("Fri Jan 09 2026 15:54:06 GMT+0100 (CET)", "2026-01-09T14:54:06+00:00", None),
        ("January 9, 2026 3:54 PM", "2026-01-09T15:54:00+00:00", None),
        ("Jan 9, 2026 at 12:05 AM", "2026-01-09T00:05:00+00:00", None),
        ("2026/01/09", "2026-01-09T00:00:00+00:00", None),
        ("9.1.2026 15:54", "2026-01-09T15:54:00+00:00", None),
        ("01/09/2026", None, None),
        ("13/09/2026", "2026-09-13T00:00:00+00:00", None),
        ("01/09/2026", "2026-01-09T00:00:00+00:00", "mdy"),
        ("01/09/2026", "2026-09-01T00:00:00+00:00", "dmy"),
        ("09/Jan/99", "1999-01-09T00:00:00+00:00", None),
        ("31/Feb/26", None, None),
        ("25:00", None, None),
        ("13 PM", None, None),
        ("soon", None, None),
        ("1" * 200, None, None),
    ],
)
def test_a_date_is_read(text: str, time: str | None, order: DateOrder | None) -> None:
    assert dates.parse_time(text, order) == time


def test_the_day_is_that_of_its_own_zone() -> None:
    assert dates.parse_day("2026-01-09T23:30:00-05:00") == "2026-01-09"


def read(tmp_path: Path, *rows: str, order: DateOrder | None = None) -> list[tuple[str | None, list[str]]]:
    file = tmp_path / "dates.csv"
    file.write_text("\n".join(["title,due,created", *rows]))
    parsed = parse("csv", Source.open(file), COLUMNS, ReadOptions(date_order=order))
    return [(one.ticket.get("due_date"), [entry.get("reason", "") for entry in one.unclear]) for one in parsed]


def test_the_order_of_day_and_month_is_that_of_the_column(tmp_path: Path) -> None:
    assert read(tmp_path, "a,01/02/2026,", "b,13/02/2026,") == [("2026-02-01", []), ("2026-02-13", [])]
    assert read(tmp_path, "a,01/02/2026,", "b,02/13/2026,") == [("2026-01-02", []), ("2026-02-13", [])]


def test_the_other_columns_of_the_file_tell_it_too(tmp_path: Path) -> None:
    assert read(tmp_path, "a,01/02/2026,13/01/2026") == [("2026-02-01", [])]


def test_an_unknown_order_is_reported_and_can_be_stated(tmp_path: Path) -> None:
    assert read(tmp_path, "a,01/02/2026,") == [(None, ["ambiguous-date"])]
    assert read(tmp_path, "a,01/02/2026,", order="mdy") == [("2026-01-02", [])]
    mixed = read(tmp_path, "a,13/02/2026,", "b,02/13/2026,", "c,01/02/2026,")
    assert [due for due, _ in mixed] == ["2026-02-13", "2026-02-13", None]
