"""Timestamps and days: the stored format, and parsing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from kanban_server.rules.problems import Refusal

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def format_timestamp(moment: datetime) -> str:
    """A moment in the stored format: ISO-8601 in UTC with microseconds, which sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_timestamp(text: str | None, default: str, **facts: str) -> str:
    """An ISO-8601 time in the stored format: in UTC, with microseconds and `Z`. Without a zone it is read as UTC.

    Refused: `invalid-request`, with the `facts`.
    """
    if text is None:
        return default
    try:
        parsed = datetime.fromisoformat(text)
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return format_timestamp(aware)
    except (ValueError, OverflowError) as error:
        detail = f"'{text[:40]}' is not a time."
        raise Refusal("invalid-request", detail, fix="Send ISO-8601, such as 2026-01-02T03:04:05Z.", **facts) from error


def parse_not_before(text: str | None, now: str) -> str | None:
    """The time until which a ticket is parked, in the stored format; None if it is blank.

    Refused: `invalid-request`, for a time that has passed.
    """
    if text is None or not text.strip():
        return None
    time = parse_timestamp(text.strip(), now, field="not_before")
    if time <= now:
        fix = "Name a time to come, or leave it out: then the ticket can be taken at once."
        raise Refusal("invalid-request", f"{time} has passed; it is {now}.", fix=fix, field="not_before")
    return time


def parse_day(text: str | None, field: str = "due_date") -> str | None:
    """A day in the stored format: `YYYY-MM-DD`; None if it is blank. Refused: `invalid-request`."""
    if text is None or not text.strip():
        return None
    stripped = text.strip()
    try:
        if _DAY.fullmatch(stripped):
            return date.fromisoformat(stripped).isoformat()
    except ValueError:
        pass
    detail = f"'{stripped[:40]}' is not a day."
    raise Refusal("invalid-request", detail, fix="Send a day such as 2026-01-31.", field=field)


def seconds_between(start: str, end: str) -> float:
    """How many seconds one time is after another."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def describe_duration(seconds: float) -> str:
    """A duration in its largest unit, such as `12 minutes`."""
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    unit, size = next((one for one in units if seconds >= one[1]), units[-1])
    count = max(0, int(seconds // size))
    return f"{count} {unit}{'' if count == 1 else 's'}"


def add_time(moment: str, **delta: float) -> str:
    """The time that is so many `seconds`, `hours` or `days` later."""
    return format_timestamp(datetime.fromisoformat(moment) + timedelta(**delta))


def subtract_time(moment: str, **delta: float) -> str:
    """The time that is so many `seconds`, `hours` or `days` earlier; at least the first representable time."""
    try:
        return add_time(moment, **{unit: -number for unit, number in delta.items()})
    except OverflowError:
        return format_timestamp(datetime.min.replace(tzinfo=UTC))
