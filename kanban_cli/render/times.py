"""Times for people: local and relative on a terminal, UTC elsewhere."""

from datetime import UTC, date, datetime, timedelta

from kanban_cli.render.output import is_terminal
from kanban_cli.render.sentences import format_duration

JUST_NOW = timedelta(minutes=5)
"""A change is highlighted for this long."""


def parse_timestamp(stamp: str) -> datetime:
    """Read a timestamp of the wire."""
    return datetime.fromisoformat(stamp)


def format_time(stamp: str) -> str:
    """Format a timestamp: on a terminal as local time with its age, elsewhere as UTC in seconds."""
    if not is_terminal():
        return f"{stamp[:19]}Z"
    return f"{format_local_time(stamp)} ({format_age(stamp)})"


def format_local_time(stamp: str) -> str:
    """Format a timestamp as local time, as short as it is clear: without the day if it is today."""
    time = parse_timestamp(stamp).astimezone()
    today = datetime.now(UTC).astimezone()
    if time.date() == today.date():
        return f"{time:%H:%M:%S}"
    return f"{time:%d %b %H:%M}" if time.year == today.year else f"{time:%d %b %Y}"


def format_moment(stamp: str) -> str:
    """Format a time to come: on a terminal as local time to the minute, elsewhere as UTC in seconds."""
    if not is_terminal():
        return f"{stamp[:19]}Z"
    time = parse_timestamp(stamp).astimezone()
    today = datetime.now(UTC).astimezone()
    return f"{time:%H:%M}" if time.date() == today.date() else f"{time:%a} {time.day} {time:%b %Y %H:%M}"


def format_age(stamp: str) -> str:
    """Format how long ago a timestamp is, such as `3h ago`."""
    seconds = (datetime.now(UTC) - parse_timestamp(stamp)).total_seconds()
    return "now" if seconds < 1 else f"{format_duration(seconds).split()[0]} ago"


def is_recent(stamp: str) -> bool:
    """Whether a timestamp is in the last five minutes."""
    return datetime.now(UTC) - parse_timestamp(stamp) < JUST_NOW


def format_due(day: str) -> str:
    """Format a due date by its distance from today: `due today`, `due Fri 4 Dec`, `2d overdue`."""
    try:
        due = date.fromisoformat(day)
    except ValueError:
        return f"due {day}"
    today = datetime.now(UTC).astimezone().date()
    days = (due - today).days
    if days < 0:
        return f"{-days}d overdue"
    if days <= 1:
        return ("due today", "due tomorrow")[days]
    return f"due {due:%a} {due.day} {due:%b}" + (f" {due.year}" if due.year != today.year else "")


def is_overdue(day: str) -> bool:
    """Whether a due date is today or in the past."""
    try:
        return date.fromisoformat(day) <= datetime.now(UTC).astimezone().date()
    except ValueError:
        return False
