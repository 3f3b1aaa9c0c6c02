"""Full view of a ticket: its fields, texts, earlier attempts and comments."""

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from kanban_cli.render.escaping import escape, truncate
from kanban_cli.render.output import is_terminal, print_field, print_footer
from kanban_cli.render.sentences import format_cell, format_duration
from kanban_cli.render.times import format_age, format_due, format_moment, format_time

if TYPE_CHECKING:
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.tickets import Attempt, Lease, Ticket

MAX_TEXT_CHARACTERS = 2000
"""Characters of a long text that are shown."""
MAX_CELL_CHARACTERS = 120
"""Characters of a long text that are shown within a line."""
MAX_COMMENTS = 20
"""Comments that are shown, the newest."""
HEADING_FIELDS = frozenset({"id", "title", "column", "priority", "assignee", "claimed by", "lease"})
"""Fields that a terminal shows in the heading."""
MAX_ATTEMPTS = 5
"""Ended claims that are shown, the newest."""


def print_ticket(ticket: "Ticket", comments: "list[Comment]", *, full: bool, without: Collection[str] = ()) -> None:
    """Print a ticket with its comments, without some fields; long texts are cut, and their sizes are shown."""
    if is_terminal():
        _print_heading(ticket)
    for name, value in _ticket_fields(ticket):
        hidden = name in without or (is_terminal() and name in HEADING_FIELDS)
        if value not in (None, []) and not hidden:
            text = format_cell(value)
            print_field(name, text if full or name == "title" else truncate(text, MAX_CELL_CHARACTERS))
    _print_section("description", ticket.description, full=full)
    _print_section("acceptance criteria", _number_criteria(ticket.acceptance_criteria), full=full)
    ended_attempts = [attempt for attempt in ticket.attempts or [] if attempt.ended_at]
    for attempt in ended_attempts if full else ended_attempts[-MAX_ATTEMPTS:]:
        heading = f"attempt {attempt.number} {attempt.holder} {_attempt_duration(attempt)} {attempt.reason}"
        _print_section(heading, attempt.note or "(no note)", full=full)
    shown_comments = comments if full else comments[-MAX_COMMENTS:]
    for comment in shown_comments:
        number = f" (comment {comment.id})" if is_terminal() else ""
        _print_section(f"{format_time(comment.created_at)} {comment.author}{number}", comment.text, full=full)
    if comments:
        print_footer(f"{len(shown_comments)} of {len(comments)} comments")


def _print_heading(ticket: "Ticket") -> None:
    """Print the number and title, and below them where the ticket is, who has it, and when it is due."""
    who = f"@{ticket.assignee}" if ticket.assignee else "assigned to nobody"
    if ticket.claim:
        who = f"@{ticket.claim.holder} holds it" + (f", lease {format_lease(ticket.lease)}" if ticket.lease else "")
    waits = f"waits for {format_cell(ticket.blocked_by)}" if ticket.open_blockers else None
    facts = [ticket.current_column, ticket.priority, who, ticket.due_date and format_due(ticket.due_date), waits]
    _print_bold(f"{ticket.id}  {ticket.title}")
    print(escape(" · ".join(fact for fact in facts if fact)))


def _print_bold(text: str) -> None:
    print(f"\x1b[1m{escape(text)}\x1b[0m" if is_terminal() and _use_colour() else escape(text))


def _print_section(heading: str, text: str | None, *, full: bool) -> None:
    if text:
        print()
        print_text(heading, text, full=full)


def _ticket_fields(ticket: "Ticket") -> list[tuple[str, object]]:
    return [
        ("id", ticket.id),
        ("title", ticket.title),
        ("board", ticket.board_id),
        ("column", ticket.current_column),
        ("priority", ticket.priority),
        ("assignee", ticket.assignee),
        ("labels", ticket.labels),
        ("due", ticket.due_date),
        ("needs", ticket.needs),
        ("not before", ticket.not_before and format_moment(ticket.not_before)),
        ("waits for", [*ticket.blocked_by, f"({ticket.open_blockers} open)"] if ticket.blocked_by else None),
        ("asks", (ticket.asked or "anybody") if ticket.open_question is not None else None),
        ("part of", ticket.parent),
        ("parts", f"{ticket.children - ticket.open_children} of {ticket.children} done" if ticket.children else None),
        ("criteria", f"{ticket.criteria.done} of {ticket.criteria.all} done" if ticket.criteria else None),
        ("files", "  ".join(file.name for file in ticket.files) or None),
        ("links", " ".join(f"{link.kind} {link.ref}" for link in ticket.links) or None),
        ("archived", ticket.archived_at),
        ("version", ticket.version),
        ("created", f"{format_time(ticket.created_at)} {ticket.created_by}"),
        ("updated", f"{format_time(ticket.updated_at)} {ticket.updated_by}"),
        ("claimed by", ticket.claim and ticket.claim.holder),
        ("lease", ticket.lease and format_lease(ticket.lease)),
        ("renewed", ticket.lease and ticket.lease.renewed_at and format_age(ticket.lease.renewed_at)),
        ("source", ticket.source_id),
        ("extra", ticket.extra),
    ]


def format_lease(lease: "Lease") -> str:
    """Format a lease: its token and its remaining time."""
    return lease.token if lease.expires_in is None else f"{lease.token} ({format_duration(lease.expires_in)} left)"


def print_text(heading: str, text: str, *, full: bool) -> None:
    """Print a long text under its heading, indented so that none of its lines looks like our output."""
    _print_bold(heading)
    for line in escape(text if full else truncate(text, MAX_TEXT_CHARACTERS), lines=True).split("\n"):
        print(f"  {line}")


def _number_criteria(criteria: str | None) -> str | None:
    """Number the criteria as `kanban check` takes them."""
    lines = [line for line in (criteria or "").splitlines() if line.strip()]
    return "\n".join(f"{number:>2}  {line}" for number, line in enumerate(lines, 1))


def _attempt_duration(attempt: "Attempt") -> str:
    """Return how long an ended attempt lasted."""
    from datetime import datetime

    assert attempt.ended_at is not None
    duration = datetime.fromisoformat(attempt.ended_at) - datetime.fromisoformat(attempt.claimed_at)
    return format_duration(duration.total_seconds())


def _use_colour() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
