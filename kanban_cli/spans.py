"""Lengths of time, as people write and read them."""

import re

from kanban_cli.exits import USAGE, Stop

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_UNITS = (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "", 60))


def seconds(text: str) -> float:
    """The seconds of `30`, `30s`, `5m` or `1.5h`. Stops where it is none of these."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?)([smh]?)", text, re.ASCII)
    if match is None:
        raise Stop(USAGE, f"'{text}' is not a time.", fix="Say it as 30s, 5m or 1h.")
    return float(match[1]) * _SECONDS[match[2]]


def day(text: str | None) -> str | None:
    """The day of `today`, `tomorrow` or `3d` (in so many days) as `YYYY-MM-DD`; what is something else stays."""
    if text is None:
        return None
    ahead = {"today": 0, "tomorrow": 1}.get(text)
    if match := re.fullmatch(r"([0-9]{1,4})d", text, re.ASCII):
        ahead = int(match[1])
    if ahead is None:
        return text
    from datetime import datetime, timedelta

    return (datetime.now().astimezone() + timedelta(days=ahead)).date().isoformat()


def span(seconds: float) -> str:
    """A length of time in its largest unit, and the next: 45s, 29m, 1h 5m, 3d 2h."""
    whole = int(seconds)
    for unit, size, smaller, next_size in _UNITS:
        if whole >= size:
            rest = whole % size // next_size
            return f"{whole // size}{unit} {rest}{smaller}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"
