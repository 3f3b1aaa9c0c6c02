"""Checks that a ticket's history, and the changes in a version conflict, explain the current ticket."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from kanban_sdk import Event, Kanban, Ticket, VersionConflict
from kanban_sdk.stream.fold import TICKET_FIELDS, FoldedBoard
from kanban_sdk.wire.boards import Snapshot


def check_history(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, turn: random.Random) -> None:
    """A ticket's history since its creation or import, applied to its first state, gives the current ticket."""
    for ticket in _newest(events, snapshot.tickets, turn):
        first = next(event for event in events if event.event == "ticket_created" and event.data["id"] == ticket.id)
        history = [*reversed(kanban.tickets.history(ticket.id))]
        begins = ["created", "imported"]["imported" in first.data]
        start = max(n for n, one in enumerate(history) if (one.field_name, one.changed_at) == (begins, first.timestamp))
        changes = [
            (change.changed_at, change.field_name, change.old_value, change.new_value)
            for change in history[start + 1 :]
        ]
        _explain(first.data, asdict(ticket), changes + _column_changes(events, ticket.id, first.seq))


def check_versions(kanban: Kanban, events: Sequence[Event], snapshot: Snapshot, turn: random.Random) -> None:
    """An edit from an old version is refused, and the changes in the refusal turn the old row into the current one."""
    stale = [ticket for ticket in snapshot.tickets if ticket.version > 1 and ticket.claim is None]
    for ticket in _newest(events, stale, turn):
        version = turn.randrange(1, ticket.version)
        with pytest.raises(VersionConflict) as conflict:
            kanban.tickets.edit(ticket.id, title="from an old version", version=version)
        current = conflict.value.current
        assert conflict.value.current_version == ticket.version
        assert only(current, TICKET_FIELDS) == only(asdict(ticket), TICKET_FIELDS)
        seq, old = _row_at(events, ticket.id, version)
        changes = [(change["at"], change["field"], change["from"], change["to"]) for change in conflict.value.changed]
        _explain(old, current, changes + _column_changes(events, ticket.id, seq))


EXPLAINED = frozenset(
    {
        *(
            "title",
            "description",
            "acceptance_criteria",
            "priority",
            "assignee",
            "labels",
            "due_date",
            "links",
            "not_before",
            "needs",
        ),
        *("blocked_by", "parent", "current_column", "extra"),
    }
)
"""Fields of a ticket whose changes are all reported."""

Change = tuple[str, str, Any, Any]
"""Time of a change, field, old value, new value."""


def _explain(old: dict[str, Any], new: dict[str, Any], changes: list[Change]) -> None:
    """Applied in order, the changes turn the old row into the new one, and each starts from the result of the last."""
    row = only(old, EXPLAINED)
    for _, field, before, after in sorted(changes, key=lambda change: change[0]):
        if field == "renamed":
            row["current_column"] = after if row["current_column"] == before else row["current_column"]
        elif field == "restored into":
            row["current_column"] = after
        elif field in EXPLAINED:
            assert row[field] == before, f"{field} was {row[field]!r}, but the change starts from {before!r}"
            row[field] = after
    assert row == only(new, EXPLAINED)


def _column_changes(events: Sequence[Event], ticket: int, after: int) -> list[Change]:
    """Changes of a ticket's column that are no change of the ticket: the column is renamed, or the ticket restored."""
    changes: list[Change] = []
    for event in events:
        if event.seq > after and (renamed := event.data.get("renamed")):
            changes.append((event.timestamp, "renamed", renamed["from"], renamed["to"]))
        if event.seq > after and event.event == "ticket_restored" and event.data["id"] == ticket:
            changes.append((event.timestamp, "restored into", None, event.data["current_column"]))
    return changes


def _row_at(events: Sequence[Event], ticket: int, version: int) -> tuple[int, dict[str, Any]]:
    """Return the seq and the stored fields of the ticket's last state at a version."""
    board, state = FoldedBoard(), (0, dict[str, Any]())
    for event in events:
        board.step(event)
        row = board.tickets.get(ticket)
        if row is not None and row["version"] <= version:
            state = (event.seq, dict(row))
    return state


def _newest(events: Sequence[Event], tickets: Sequence[Ticket], turn: random.Random) -> list[Ticket]:
    """Return the ticket of the newest event, if it is among these, and a random one of the others."""
    about = [ticket for ticket in tickets if ticket.id == events[-1].data.get("ticket_id", events[-1].data["id"])]
    others = [ticket for ticket in tickets if ticket not in about]
    return [*about, *turn.sample(others, min(1, len(others)))]


def only(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return some of the fields."""
    return {name: fields[name] for name in names}
