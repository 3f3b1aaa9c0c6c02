"""Times and days, as they are kept and as they come from elsewhere."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from kanban_server.rules.refusals import Refusal

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def clock() -> str:
    """This machine's time, as times are kept."""
    second, microsecond = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{_second(second)}.{microsecond:06d}Z"


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    """A second since 1970 as times are kept: a busy server asks for the same thousands of times."""
    return datetime.fromtimestamp(second, UTC).isoformat()[: -len("+00:00")]


def timestamp(moment: datetime) -> str:
    """A moment as times are kept: ISO-8601 in UTC with microseconds, which sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str | None, otherwise: str) -> str:
    """An ISO-8601 time as times are kept: in UTC, with microseconds and `Z`. One without a zone is read as UTC."""
    if text is None:
        return otherwise
    try:
        read = datetime.fromisoformat(text)
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        return timestamp(aware)
    except (ValueError, OverflowError) as error:
        detail = f"'{text[:40]}' is not a time."
        raise Refusal("invalid-request", detail, fix="Send ISO-8601, such as 2026-01-02T03:04:05Z.") from error


def day(text: str | None, field: str = "due_date") -> str | None:
    """A day as it is kept: `YYYY-MM-DD`; blank is none. Refused: `invalid-request`."""
    if text is None or not text.strip():
        return None
    said = text.strip()
    try:
        if _DAY.fullmatch(said):
            return date.fromisoformat(said).isoformat()
    except ValueError:
        pass
    detail = f"'{said[:40]}' is not a day."
    raise Refusal("invalid-request", detail, fix="Send a day such as 2026-01-31.", field=field)


def later(moment: str, **by: float) -> str:
    """The time that is later than a time by so many `seconds`, `hours` or `days`."""
    return timestamp(datetime.fromisoformat(moment) + timedelta(**by))


def earlier(moment: str, **by: float) -> str:
    """The time that is earlier than a time by so many `seconds`, `hours` or `days`; the first of all, where it would
    be before that."""
    try:
        return later(moment, **{unit: -number for unit, number in by.items()})
    except OverflowError:
        return timestamp(datetime.min.replace(tzinfo=UTC))
