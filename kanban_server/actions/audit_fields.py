"""Shared by all changes of tickets: writing fields, audit fields, and the fields of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import DERIVED, Ticket
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import search, tickets
from kanban_server.store.rows import TicketRow


class AuditFields(TypedDict):
    """Who changed a ticket last, when, and its version."""

    updated_by: str
    updated_at: str
    version: int


def update_fields(
    board: LockedBoard,
    actor: Actor,
    row: TicketRow,
    values: Mapping[str, object],
    *,
    at: str | None = None,
    assigned_by: str | None = None,
) -> None:
    """Write the fields that differ, and record the change. Does nothing if no field differs.

    `values` are in the form of the wire. `at` is the time of the change, by default now. `assigned_by` is who chose a
    new assignee, by default the actor.
    """
    before = tickets.to_wire(row, board.columns)
    changes = {
        field: {"from": getattr(before, field), "to": value}
        for field, value in values.items()
        if getattr(before, field) != value
    }
    if not changes:
        return
    new_values = {field: change["to"] for field, change in changes.items()}
    if "assignee" in changes:
        new_values["assigned_by"] = assigned_by or actor.name if new_values["assignee"] else None
    board.update_ticket(row, **tickets.to_columns({**new_values, **audit_fields(board, actor, row, at=at)}))
    if "labels" in changes:
        board.tx.unit.relabel(row["id"])
        if limits.NEEDS_HUMAN in before.labels and not row["needs_human"]:
            board.update_ticket(row, expiries=0)
    if changes.keys() & {"title", "description", "acceptance_criteria"}:
        index_ticket(board, row)
    data = {**identity_fields(row), **new_values, "changes": changes, "changed_by": actor.name}
    board.record(actor, "ticket_updated", data, ticket_id=row["id"])


def index_ticket(board: LockedBoard, row: TicketRow) -> None:
    """Index a ticket's texts and comments for the search."""
    search.index_ticket(board.tx, row["id"], search_texts(row), comment_count=row["comment_count"])


def search_texts(row: TicketRow) -> list[str | None]:
    """The texts of a ticket that the search index covers."""
    return [row["title"], row["description"], row["acceptance_criteria"]]


def ticket_event_fields(ticket: Ticket) -> dict[str, object]:
    """All fields of a ticket in an event, without derived ones."""
    return {name: getattr(ticket, name) for name in ticket.__dataclass_fields__ if name not in DERIVED}


def audit_fields(board: LockedBoard, actor: Actor, row: TicketRow, *, at: str | None = None) -> AuditFields:
    """The audit fields and the version, which every change of a ticket sets. `at` is the time, by default now."""
    return {"updated_by": actor.name, "updated_at": at or board.now, "version": row["version"] + 1}


def identity_fields(row: TicketRow) -> dict[str, object]:
    """The fields that every event of a ticket has."""
    return {
        "id": row["id"],
        "board_id": row["board_id"],
        "title": row["title"],
        "updated_by": row["updated_by"],
        "updated_at": row["updated_at"],
        "version": row["version"],
    }
