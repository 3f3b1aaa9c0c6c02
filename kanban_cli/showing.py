"""A whole ticket on the screen: its fields, its texts, who tried it before, its comments."""

import os
from typing import Any

from kanban_cli.output import cut, safe, say_field, terminal
from kanban_cli.spans import span
from kanban_cli.texts import cell

TEXT = 2000
"""Characters of a long text that are shown."""
CELL = 120
"""Characters of a long text that stand in a line."""
COMMENTS = 20
"""Comments that are shown, the newest."""
ATTEMPTS = 5
"""Ended claims that are shown, the newest."""


def say_whole(one: Any, comments: list[Any], *, full: bool) -> None:
    """A ticket with its comments; long texts are cut, and their sizes said."""
    for name, value in _fields(one):
        if value not in (None, []):
            text = cell(value)
            say_field(name, text if full or name == "title" else cut(text, CELL))
    _say_part("description", one.description, full=full)
    _say_part("acceptance criteria", _numbered(one.acceptance_criteria), full=full)
    ended = [attempt for attempt in one.attempts or [] if attempt.ended_at]
    for attempt in ended if full else ended[-ATTEMPTS:]:
        heading = f"attempt {attempt.number} {attempt.holder} {_lasted(attempt)} {attempt.reason}"
        _say_part(heading, attempt.note or "(no note)", full=full)
    shown = comments if full else comments[-COMMENTS:]
    for comment in shown:
        _say_part(f"{comment.created_at[:19]}Z {comment.author}", comment.text, full=full)
    if comments:
        print(f"\n{len(shown)} of {len(comments)} comments")


def _say_part(heading: str, text: str | None, *, full: bool) -> None:
    if text:
        print()
        say_text(heading, text, full=full)


def _fields(one: Any) -> list[tuple[str, Any]]:
    return [
        ("id", one.id),
        ("title", one.title),
        ("board", one.board_id),
        ("column", one.current_column),
        ("priority", one.priority),
        ("assignee", one.assignee),
        ("labels", one.labels),
        ("due", one.due_date),
        ("waits for", [*one.blocked_by, f"({one.open_blockers} open)"] if one.blocked_by else None),
        ("part of", one.parent),
        ("parts", f"{one.children - one.open_children} of {one.children} done" if one.children else None),
        ("criteria", f"{one.criteria.done} of {one.criteria.all} done" if one.criteria else None),
        ("links", " ".join(f"{link.kind} {link.ref}" for link in one.links) or None),
        ("archived", one.archived_at),
        ("version", one.version),
        ("created", f"{one.created_at[:19]}Z {one.created_by}"),
        ("updated", f"{one.updated_at[:19]}Z {one.updated_by}"),
        ("claimed by", one.claim and one.claim.holder),
        ("lease", one.lease and lease(one.lease)),
        ("source", one.source_id),
        ("extra", one.extra),
    ]


def lease(lease: Any) -> str:
    """A lease: its token, and how long it lasts yet."""
    return lease.token if lease.expires_in is None else f"{lease.token} ({span(lease.expires_in)} left)"


def say_text(heading: str, text: str, *, full: bool) -> None:
    """A long text under its heading; set in, so that no line of it can pass for one of ours."""
    print(f"\x1b[1m{safe(heading)}\x1b[0m" if terminal() and _coloured() else safe(heading))
    for line in safe(text if full else cut(text, TEXT), lines=True).split("\n"):
        print(f"  {line}")


def _numbered(criteria: str | None) -> str | None:
    """The criteria with the numbers that `kanban check` takes."""
    lines = [line for line in (criteria or "").splitlines() if line.strip()]
    return "\n".join(f"{number:>2}  {line}" for number, line in enumerate(lines, 1))


def _lasted(attempt: Any) -> str:
    from datetime import datetime

    began, ended = (datetime.fromisoformat(time) for time in (attempt.claimed_at, attempt.ended_at))
    return span((ended - began).total_seconds())


def _coloured() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
