"""Shared by all changes of tickets: writing fields, audit fields, and the fields of events."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import DERIVED, Ticket
from kanban_server.rules import criteria
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import search, tickets


def update_fields(
    board: LockedBoard,
    actor: Actor,
    ticket: Ticket,
    values: dict[str, Any],
    *,
    at: str | None = None,
    assigned_by: str | None = None,
) -> Ticket:
    """Write the fields that differ, and record the change. Does nothing if no field differs.

    `at` is the time of the change, by default now. `assigned_by` is who chose a new assignee, by default the actor.
    """
    changes = {
        field: {"from": getattr(ticket, field), "to": value}
        for field, value in values.items()
        if getattr(ticket, field) != value
    }
    if not changes:
        return ticket
    new_values = {field: change["to"] for field, change in changes.items()}
    if "assignee" in changes:
        new_values["assigned_by"] = assigned_by or actor.name if new_values["assignee"] else None
    updated = ticket.but(**new_values, **audit_fields(board, actor, ticket, at=at))
    if "acceptance_criteria" in changes:
        updated = updated.but(criteria=criteria.count_criteria(updated.acceptance_criteria))
    tickets.update_fields(board.tx, updated, labels_changed="labels" in changes)
    if "labels" in changes:
        board.recount(ticket, updated)
        if limits.NEEDS_HUMAN in ticket.labels and limits.NEEDS_HUMAN not in updated.labels:
            board.tx.run(tickets.RESET_EXPIRIES, ticket_id=ticket.id)
    if changes.keys() & {"title", "description", "acceptance_criteria"}:
        search.index_ticket(board.tx, ticket.id, search_texts(updated), comment_count=updated.comment_count)
    data = {**identity_fields(updated), **new_values, "changes": changes, "changed_by": actor.name}
    board.record(actor, "ticket_updated", data, ticket_id=ticket.id)
    return updated


def search_texts(ticket: Ticket) -> list[str | None]:
    """The texts of a ticket that the search index covers."""
    return [ticket.title, ticket.description, ticket.acceptance_criteria]


def ticket_event_fields(ticket: Ticket) -> dict[str, Any]:
    """All fields of a ticket in an event, without derived ones."""
    return {name: getattr(ticket, name) for name in ticket.__dataclass_fields__ if name not in DERIVED}


def audit_fields(board: LockedBoard, actor: Actor, ticket: Ticket, *, at: str | None = None) -> dict[str, Any]:
    """The audit fields and the version, which every change of a ticket sets. `at` is the time, by default now."""
    return {"updated_by": actor.name, "updated_at": at or board.now, "version": ticket.version + 1}


def identity_fields(ticket: Ticket) -> dict[str, Any]:
    """The fields that every event of a ticket has."""
    return {
        "id": ticket.id,
        "board_id": ticket.board_id,
        "title": ticket.title,
        "updated_by": ticket.updated_by,
        "updated_at": ticket.updated_at,
        "version": ticket.version,
    }
