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


def parse_past_time(text: str) -> str:
    """Convert `2h` or `3d` (that long ago), `yesterday`, `monday` or an ISO date to a UTC timestamp of the wire.

    A day begins at its local midnight. Stops for anything else.
    """
    if match := re.fullmatch(r"([0-9]{1,4})([mhdw])", text, re.ASCII):
        time = _now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
    elif _is_iso_date(text) or text in {"today", "yesterday"}:
        day = date.fromisoformat(parse_day(text) or "")
        time = datetime(day.year, day.month, day.day).astimezone()
    else:
        time = _parse_natural(text, prefer="past")
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


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
