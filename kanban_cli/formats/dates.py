"""Dates and times as trackers write them: ISO-8601, month names, and numbers whose order the whole column tells."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone

from kanban_cli.formats.item import DateOrder

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH = r"(?P<month_name>[A-Za-z]{3,9})\.?"
_TIME = (
    r"(?:[\s,T]+(?:at\s+)?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?:\s*(?:Z|UTC|GMT))?(?:\s*(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2}))?(?:\s*\([^)]*\))?)?"
)
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\s+)?"
_NAMED = (
    re.compile(
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[\s/.-]+{_MONTH}[\s/.,-]+(?P<year>[0-9]{{4}}|[0-9]{{2}}){_TIME}", re.A
    ),
    re.compile(rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}}){_TIME}", re.A),
)
_YEAR_FIRST = re.compile(rf"(?P<year>[0-9]{{4}})[./-](?P<month>[0-9]{{1,2}})[./-](?P<day>[0-9]{{1,2}}){_TIME}", re.A)
_NUMERIC = re.compile(
    rf"(?P<first>[0-9]{{1,2}})(?P<mark>[./-])(?P<second_number>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}}|[0-9]{{2}}){_TIME}",
    re.A,
)
_CENTURY_BREAK = 69
"""Years of two digits above it are of the 20th century, as in POSIX."""


def parse_time(value: object, order: DateOrder | None = None) -> str | None:
    """Return a time as ISO-8601 in UTC, the default zone; None if it is none, or its order is unknown."""
    moment = parse_moment(value, order)
    try:
        return moment.astimezone(UTC).isoformat() if moment else None
    except OverflowError:
        return None


def parse_day(value: object, order: DateOrder | None = None) -> str | None:
    """Return the day of a date or a time, in its own zone; None if it is none, or its order is unknown."""
    moment = parse_moment(value, order)
    return moment.date().isoformat() if moment and parse_time(value, order) else None


def parse_moment(value: object, order: DateOrder | None = None) -> datetime | None:
    """Return a date or a time with its zone, UTC by default; None if it is none, or its order is unknown."""
    if not isinstance(value, str) or not value or len(value) > 100:
        return None
    text = " ".join(value.split())
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    match = next(filter(None, (pattern.fullmatch(text) for pattern in (*_NAMED, _YEAR_FIRST, _NUMERIC))), None)
    try:
        return _build(match, order) if match else None
    except (ValueError, OverflowError):
        return None


def from_epoch(value: object) -> str | None:
    """Return a Unix time, in seconds or milliseconds, as ISO-8601; None if it is none."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= 13:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 10**13:
        return None
    return datetime.fromtimestamp(value / 1000 if value >= 10**11 else value, UTC).isoformat()


def find_order(values: Iterable[str]) -> DateOrder | None:
    """Return the order that all numeric dates of a column fit, if at least one of them fits no other."""
    orders: set[DateOrder] = set()
    for value in values:
        orders |= observed_order(value)
    return orders.pop() if len(orders) == 1 else None


def observed_order(value: str) -> set[DateOrder]:
    """Return the order that one date proves; nothing if it fits both, or is no numeric date."""
    if not value or not value[0].isdecimal() or len(value) > 100:
        return set()
    match = _NUMERIC.fullmatch(" ".join(value.split()))
    if match is None:
        return set()
    first, second = int(match["first"]), int(match["second_number"])
    order = _own_order(first, second, match["mark"])
    return {order} if order and (first != second or match["mark"] == ".") else set()


def _own_order(first: int, second: int, mark: str) -> DateOrder | None:
    """Return the order of a date that fits one only, or that is the same in both."""
    if mark == "." or first > 12 or first == second:
        return "dmy"
    return "mdy" if second > 12 else None


def is_ambiguous(value: object) -> bool:
    """Whether a value is a date only if the order of day and month is known."""
    return (
        parse_moment(value) is None
        and parse_moment(value, "dmy") is not None
        and parse_moment(value, "mdy") is not None
    )


def _build(match: re.Match[str], order: DateOrder | None) -> datetime | None:
    """Build the time of a match. Raises ValueError for a day that does not exist."""
    parts = match.groupdict()
    if "month_name" in parts:
        month = _MONTHS.get(parts["month_name"][:3].lower())
        day = int(parts["day"])
    elif "month" in parts:
        month, day = int(parts["month"]), int(parts["day"])
    else:
        first, second = int(parts["first"]), int(parts["second_number"])
        if order is None:
            order = _own_order(first, second, str(parts["mark"]))
        if order is None:
            return None
        day, month = (first, second) if order == "dmy" else (second, first)
    if month is None:
        return None
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= _CENTURY_BREAK else 2000
    return datetime.combine(date(year, month, day), _clock(parts), tzinfo=_zone(parts))


def _clock(parts: dict[str, str | None]) -> time:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError("no such hour")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0))


def _zone(parts: dict[str, str | None]) -> timezone:
    if not parts["sign"]:
        return UTC
    offset = timedelta(hours=int(parts["zone_hour"] or 0), minutes=int(parts["zone_minute"] or 0))
    return timezone(offset if parts["sign"] == "+" else -offset)
