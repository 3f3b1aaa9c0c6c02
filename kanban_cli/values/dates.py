"""Days and times, as people type them.

`today`, `3d` and ISO dates are read here; other texts, such as `next friday`, with dateparser, which takes a third of a
second to load.
"""

import re
from datetime import UTC, date, datetime, timedelta

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_day(text: str | None) -> str | None:
    """Convert `today`, `3d` (in three days), `next friday` or `dec 24` to `YYYY-MM-DD`.

    None, an empty text and an ISO date stay as they are. Stops for anything else.
    """
    if not text or _is_iso_date(text):
        return text
    today = _now().date()
    if text in (days := {"yesterday": -1, "today": 0, "tomorrow": 1}):
        return (today + timedelta(days=days[text])).isoformat()
    if match := re.fullmatch(r"([0-9]{1,4})([dw])", text, re.ASCII):
        return (today + timedelta(**{_UNITS[match[2]]: int(match[1])})).isoformat()
    return _parse_natural(text, prefer="future").date().isoformat()


def parse_future_time(text: str | None) -> str | None:
    """Convert `21:00`, `2h` or `3d` (from now), `tomorrow`, `next friday` or an ISO date or time to a UTC timestamp.

    A day begins at its local midnight; a time of day that has passed is tomorrow's. None and an empty text stay as they
    are. Stops for anything else.
    """
    if not text:
        return text
    if match := re.fullmatch(r"([0-9]{1,4})([mhdw])", text, re.ASCII):
        time = _now() + timedelta(**{_UNITS[match[2]]: int(match[1])})
    elif match := re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text, re.ASCII):
        time = _next_time_of_day(int(match[1]), int(match[2]))
    elif _is_iso_date(text) or text in {"today", "tomorrow"}:
        time = _midnight(parse_day(text) or "")
    else:
        time = _parse_iso_time(text) or _parse_natural(text, prefer="future")
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def parse_past_time(text: str) -> str:
    """Convert `2h` or `3d` (that long ago), `yesterday`, `monday` or an ISO date to a UTC timestamp of the wire.

    A day begins at its local midnight. Stops for anything else.
    """
    if match := re.fullmatch(r"([0-9]{1,4})([mhdw])", text, re.ASCII):
        time = _now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
    elif _is_iso_date(text) or text in {"today", "yesterday"}:
        time = _midnight(parse_day(text) or "")
    else:
        time = _parse_natural(text, prefer="past")
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def _midnight(day: str) -> datetime:
    first = date.fromisoformat(day)
    return datetime(first.year, first.month, first.day).astimezone()


def _next_time_of_day(hour: int, minute: int) -> datetime:
    """The next moment at which local clocks show this time."""
    now = _now()
    days = (now, now + timedelta(days=1))
    times = (datetime(day.year, day.month, day.day, hour, minute).astimezone() for day in days)
    return next(time for time in times if time > now)


def _parse_iso_time(text: str) -> datetime | None:
    """Parse an ISO time, by default in the local zone."""
    try:
        return datetime.fromisoformat(text).astimezone() if "T" in text else None
    except ValueError:
        return None


def _parse_natural(text: str, *, prefer: str) -> datetime:
    """Parse a time in English; a text without letters is refused, since the order of its numbers is not certain."""
    parsed: datetime | None = None
    if any(map(str.isalpha, text)):
        import dateparser

        settings = {"PREFER_DATES_FROM": prefer, "RETURN_TIME_AS_PERIOD": False}
        parsed = dateparser.parse(text, languages=["en"], settings=settings)
    if parsed is None:
        raise CommandError(
            USAGE, f"'{text}' is not a day.", fix="Write it as 2026-12-24, tomorrow, 3d, or next friday."
        )
    return parsed.astimezone()


def _is_iso_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII) and date.fromisoformat(text))
    except ValueError:
        return False


def _now() -> datetime:
    return datetime.now(UTC).astimezone()
