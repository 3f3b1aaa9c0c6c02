"""Actions on a ticket."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Column, Message
from kanban_sdk.wire.bodies import Append, BlockRequest, Labels, Move, NewTicket, TicketEdit
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import dependencies, leases, requirements, warning
from kanban_server.actions.audit_fields import audit_fields, search_texts, ticket_event_fields, update_fields
from kanban_server.actions.placement import bottom_place, check_room, find_neighbours, place_ticket
from kanban_server.actions.versions import check_ticket_version
from kanban_server.rules import actors, criteria, permissions, priorities, timestamps, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store import event_log
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import authorship, boards, search, tickets
from kanban_server.store.transaction import Transaction


def create(tx: Transaction, actor: Actor, request: NewTicket) -> Ticket:
    """Create a ticket at the bottom of `current_column`, or of the board's first column if none is given."""
    actor = actor.with_force(request.force)
    board = boards.lock(tx, request.board_id)
    column = board.column(request.current_column) if request.current_column else board.columns[0]
    assignee = actors.check_assignee(request.assignee)
    row: dict[str, Any] = {
        "board_id": board.id,
        "column_id": column.id,
        "place": bottom_place(board, column),
        "title": validation.check_title(request.title),
        "description": validation.check_text(request.description),
        "acceptance_criteria": validation.check_text(request.acceptance_criteria, "acceptance_criteria"),
        "priority": priorities.check_priority(request.priority),
        "assignee": assignee,
        "labels": validation.check_labels(request.labels or []),
        "created_by": actor.name,
        "updated_by": actor.name,
        "assigned_by": actor.name if assignee else None,
        "created_at": board.now,
        "updated_at": board.now,
        "column_entered_at": board.now,
        "version": 1,
        "source_id": None,
        "extra": None,
        "comment_count": 0,
        "due_date": timestamps.parse_day(request.due_date),
        "links": [],
    }
    check_room(board, column, force=actor.force)
    warning.labels(board, row["labels"])
    warning.assignee(board, actor, assignee)
    id = tickets.insert_ticket(tx, row)
    del row["column_id"]
    ticket = Ticket(
        id=id, current_column=column.name, criteria=criteria.count_criteria(row["acceptance_criteria"]), **row
    )
    ticket = ticket.without("unmet")  # `unmet` is in the answer only if it is not empty
    search.index_ticket(tx, id, search_texts(ticket), comment_count=0)
    board.recount(None, ticket)
    counted = ticket
    if column.role == "done" and request.blocked_by:
        counted = ticket.but(open_blockers=dependencies.open_among(board, request.blocked_by))
    lacking = requirements.noted(counted, column).unmet
    board.record(
        actor, "ticket_created", ticket_event_fields(ticket) | ({"unmet": lacking} if lacking else {}), ticket_id=id
    )
    linked = dependencies.set_links(board, actor, ticket, request.blocked_by or [], request.parent)
    requirements.check(board, actor, linked, column)
    return requirements.warn(board, requirements.noted(linked, column))


def move(tx: Transaction, actor: Actor, ticket_id: int, request: Move) -> Ticket:
    """Move a ticket to a column: to the requested position, or to the bottom if the request has none."""
    actor = actor.with_force(request.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    check_ticket_version(tx, ticket, request.version)
    return move_locked(board, actor, ticket, request)


def move_locked(board: LockedBoard, actor: Actor, ticket: Ticket, request: Move) -> Ticket:
    """Move a ticket of a locked board. Refused: `invalid-request`, if the request has more than one position."""
    if sum(place is not None for place in (request.before, request.after, request.place)) > 1:
        detail = "`before`, `after` and `place` each say where the ticket goes; only one can be meant."
        raise Refusal("invalid-request", detail, fix="Send one of them.", field="place")
    column = board.column(request.column)
    has_place = request.place is not None or request.before is not None or request.after is not None
    if column.name == ticket.current_column and (not has_place or ticket.id in {request.before, request.after}):
        return ticket
    neighbours = find_neighbours(
        board, ticket.id, column, before=request.before, after=request.after, place=request.place
    )
    if column.name != ticket.current_column:
        check_room(board, column, force=actor.force)
        requirements.check_move(board, actor, ticket, column)
        if column.role == "done" and board.review:
            leases.check_review(board, actor, tickets.read_row(board.tx, ticket.id))
    return requirements.warn(board, place_in_column(board, actor, ticket, column, neighbours))


def place_in_column(
    board: LockedBoard, actor: Actor, ticket: Ticket, column: Column, neighbours: tuple[str | None, str | None]
) -> Ticket:
    """Put a ticket into a column between two places. A done column ends its claim and unblocks its dependents."""
    old_column = board.column(ticket.current_column)
    moved = place_ticket(board, actor, ticket, column, neighbours)
    if column.role == "done" and moved.claim:
        moved = leases.end_claim(board, actor, moved, "done")
    if (old_column.role == "done") != (column.role == "done"):
        dependencies.update_dependents(board, actor, moved)
    return moved


def edit(tx: Transaction, actor: Actor, ticket_id: int, request: TicketEdit) -> Ticket:
    """Change only the fields in the request. A new `current_column` is a move."""
    actor = actor.with_force(request.get("force", False))
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    check_ticket_version(tx, ticket, request.get("version"))
    if request.get("board_id", board.id) != board.id:
        raise Refusal("other-board", "A ticket can't go to another board.", fix="Create it there, and link to it.")
    assigned_by = _check_assigner(tx, ticket, request.get("assigned_by"))
    clean = _check_fields(request)
    warning.labels(board, clean.get("labels", ()), ticket.labels)
    warning.assignee(board, actor, clean.get("assignee"), ticket.assignee)
    updated = update_fields(board, actor, ticket, clean, assigned_by=assigned_by)
    if "blocked_by" in request or "parent" in request:
        blocked_by = request.get("blocked_by", updated.blocked_by) or []
        updated = dependencies.set_links(board, actor, updated, blocked_by, request.get("parent", updated.parent))
    column = request.get("current_column")
    return move_locked(board, actor, updated, Move(column)) if column else updated


def block(tx: Transaction, actor: Actor, ticket_id: int, request: BlockRequest) -> Ticket:
    """Add blockers to a ticket. Needs no version. Refused: `dependency-cycle`, `other-board`."""
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    return dependencies.set_links(board, actor, ticket, [*ticket.blocked_by, *request.on], ticket.parent)


def unblock(tx: Transaction, actor: Actor, ticket_id: int, request: BlockRequest) -> Ticket:
    """Remove blockers from a ticket. A ticket that is not one of its blockers is ignored."""
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    blocker_ids = [blocker for blocker in ticket.blocked_by if blocker not in request.on]
    return dependencies.set_links(board, actor, ticket, blocker_ids, ticket.parent)


def label(tx: Transaction, actor: Actor, ticket_id: int, request: Labels) -> Ticket:
    """Add and remove labels. Needs no version, since it overwrites no other change."""
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    removed = set(validation.check_labels(request.remove))
    kept_labels = [name for name in ticket.labels if name not in removed]
    wanted = validation.check_labels([*kept_labels, *request.add])
    warning.labels(board, wanted, ticket.labels)
    return update_fields(board, actor, ticket, {"labels": wanted})


def append_text(tx: Transaction, actor: Actor, ticket_id: int, request: Append) -> Ticket:
    """Append text to the description or the criteria. Needs no version, since it overwrites no other change."""
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    old_text: str | None = getattr(ticket, request.field)
    new_text = f"{old_text}\n\n{request.text}" if old_text else request.text
    return update_fields(board, actor, ticket, {request.field: validation.check_text(new_text, request.field)})


def delete(tx: Transaction, actor: Actor, ticket_id: int, version: int | None = None) -> Message:
    """Delete a ticket. Its events stay in the log, and it can be restored."""
    board = boards.lock_by_ticket(tx, ticket_id)
    ticket = leases.require_writable(board, actor, ticket_id)
    is_author = actor.id is not None and authorship.is_ticket_creator(tx, actor.id, ticket_id, ticket.created_by)
    permissions.check_delete(board.role, f"ticket {ticket_id}", own=is_author)
    check_ticket_version(tx, ticket, version)
    if ticket.claim is not None:
        ticket = leases.end_claim(board, actor, ticket, "released")
    deleted = ticket.but(**audit_fields(board, actor, ticket))
    tx.run(
        tickets.DELETE,
        ticket_id=ticket_id,
        deleted_at=board.now,
        updated_by=deleted.updated_by,
        updated_at=deleted.updated_at,
        version=deleted.version,
    )
    search.remove(tx, ticket_id)
    board.recount(ticket, None)
    data = {
        "id": ticket_id,
        "board_id": board.id,
        "title": ticket.title,
        "deleted_by": actor.name,
        "version": deleted.version,
    }
    board.record(actor, "ticket_deleted", data, ticket_id=ticket_id)
    dependencies.update_dependents(board, actor, ticket)
    return Message(f"Ticket {ticket_id} is deleted; it can be restored.")


def restore(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Restore a deleted or archived ticket, unclaimed, to the bottom of its column.

    If its column was removed, it goes to the board's first column.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.read_row(tx, ticket_id, deleted=True)
    column = tickets.column_of(row, board.columns)
    ticket = tickets.to_wire(row, board.columns)
    if not (row["deleted_at"] or row["archived_at"]):
        return ticket
    check_room(board, column, force=actor.force)
    left = None if column.id == row["column_id"] else event_log.column_name(tx, board.id, row["column_id"])
    placement: dict[str, Any] = {
        "place": bottom_place(board, column),
        "column_entered_at": board.now,
        "archived_at": None,
    }
    restored = ticket.but(**placement, **audit_fields(board, actor, ticket))
    tickets.update_placement(tx, restored, column, tickets.RESTORE, deleted_at=None, archived_at=None)
    was = "deleted" if row["deleted_at"] else "archived"
    lacking = None
    if column.role == "done":
        counted = restored.but(open_blockers=dependencies.open_blockers(board, restored))
        requirements.check(board, actor, counted, column)
        lacking = requirements.noted(counted, column).unmet
    search.index_ticket(tx, ticket_id, search_texts(restored), comment_count=restored.comment_count)
    board.recount(None, restored)
    data = {**ticket_event_fields(restored), "restored_by": actor.name, "was": was}
    if column.id != row["column_id"]:  # its column was removed meanwhile
        data["from_column"] = left
    board.record(actor, "ticket_restored", data | ({"unmet": lacking} if lacking else {}), ticket_id=ticket_id)
    return requirements.warn(board, requirements.noted(dependencies.update_restored(board, actor, restored), column))


def _check_assigner(tx: Transaction, ticket: Ticket, name: str | None) -> str | None:
    """The name of who chose the new assignee, from the request. None if it repeats the ticket's current value.

    Refused: `name-mismatch`, if the name is not that of the token's user.
    """
    if not name or not name.strip() or actors.normalize_name(name) in {ticket.assigned_by, actors.ANONYMOUS_NAME}:
        return None
    permissions.check_name_matches(tx.viewer, name)
    return actors.check_user_name(name)


def _check_fields(request: TicketEdit) -> dict[str, Any]:
    """The fields of an edit, validated and in stored form."""
    fields: dict[str, Any] = {}
    if "title" in request:
        fields["title"] = validation.check_title(request["title"])
    if "description" in request:
        fields["description"] = validation.check_text(request["description"])
    if "acceptance_criteria" in request:
        fields["acceptance_criteria"] = validation.check_text(request["acceptance_criteria"], "acceptance_criteria")
    if "priority" in request:
        fields["priority"] = priorities.check_priority(request["priority"])
    if "assignee" in request:
        fields["assignee"] = actors.check_assignee(request["assignee"])
    if "labels" in request:
        fields["labels"] = validation.check_labels(request["labels"] or [])
    if "due_date" in request:
        fields["due_date"] = timestamps.parse_day(request["due_date"])
    return fields
