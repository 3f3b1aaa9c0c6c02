"""Days and times, as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kanban_cli.errors import CommandError
from kanban_cli.values.dates import parse_day, parse_future_time, parse_past_time

FRIDAY = 4


def today() -> date:
    return datetime.now(UTC).astimezone().date()


@pytest.mark.parametrize(
    ("typed", "days"),
    [("today", 0), ("tomorrow", 1), ("yesterday", -1), ("3d", 3), ("2w", 14), ("in 3 days", 3), ("in two weeks", 14)],
)
def test_a_day_is_so_many_days_from_today(typed: str, days: int) -> None:
    assert parse_day(typed) == (today() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("typed", ["friday", "next friday", "Fri"])
def test_a_weekday_is_the_next_one(typed: str) -> None:
    day = date.fromisoformat(parse_day(typed) or "")
    assert day.weekday() == FRIDAY
    assert 0 < (day - today()).days <= 7


def test_a_date_without_a_year_is_in_the_future() -> None:
    day = date.fromisoformat(parse_day("24 dec") or "")
    assert (day.month, day.day) == (12, 24)
    assert 0 <= (day - today()).days <= 366


@pytest.mark.parametrize("typed", [None, "", "2030-01-31"])
def test_no_day_and_an_iso_date_stay_as_they_are(typed: str | None) -> None:
    assert parse_day(typed) == typed


@pytest.mark.parametrize("typed", ["soon", "12/24/2030", "2030-13-40", "31.12.", "whenever"])
def test_what_is_not_certain_is_refused(typed: str) -> None:
    with pytest.raises(CommandError) as refused:
        parse_day(typed)
    assert refused.value.fix is not None


def test_a_time_in_the_past() -> None:
    now = datetime.now(UTC)
    for typed, ago in (("2h", timedelta(hours=2)), ("3d", timedelta(days=3)), ("2 hours ago", timedelta(hours=2))):
        since = datetime.fromisoformat(parse_past_time(typed)).replace(tzinfo=UTC)
        assert abs(now - ago - since) < timedelta(minutes=1), typed
    midnight = datetime.fromisoformat(parse_past_time("2026-01-02")).replace(tzinfo=UTC).astimezone()
    assert (midnight.date().isoformat(), midnight.hour) == ("2026-01-02", 0)
    assert parse_past_time("monday") <= f"{now:%Y-%m-%dT%H:%M:%S}"


def test_a_time_to_come() -> None:
    def moment(typed: str) -> datetime:
        return datetime.fromisoformat(parse_future_time(typed) or "")

    now = datetime.now(UTC)
    for typed, ahead in (("90m", timedelta(minutes=90)), ("2h", timedelta(hours=2)), ("3d", timedelta(days=3))):
        assert abs(now + ahead - moment(typed)) < timedelta(minutes=1), typed
    for typed in ("0:00", "09:30", "21:00", "23:59"):
        assert now < moment(typed) < now + timedelta(days=1, hours=2), typed
        assert moment(typed).astimezone().strftime("%H:%M") == typed.rjust(5, "0")
    for typed in ("tomorrow", "2031-05-17"):
        assert moment(typed).astimezone().strftime("%H:%M:%S") == "00:00:00", typed
    assert moment("2031-05-17T10:00:00+02:00") == datetime(2031, 5, 17, 8, tzinfo=UTC)
    assert moment("next friday") > now
    assert [parse_future_time(typed) for typed in (None, "")] == [None, ""]
    with pytest.raises(CommandError):
        parse_future_time("soon")
