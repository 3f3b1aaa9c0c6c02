"""Actions on a ticket."""

from __future__ import annotations

from typing import Any

import orjson

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Append, BlockRequest, Labels, Move, NewTicket, TicketEdit
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import change_warnings, comments, dependencies, leases, requirements
from kanban_server.actions.audit_fields import audit_fields, index_ticket, ticket_event_fields, update_fields
from kanban_server.actions.placement import bottom_place, check_position, check_room, find_neighbours, place_ticket
from kanban_server.actions.versions import check_ticket_version
from kanban_server.rules import actors, permissions, priorities, timestamps, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.rules.requirements import unmet
from kanban_server.store import event_log
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import authorship, boards, search, tickets
from kanban_server.store.rows import NewTicketRow, TicketRow
from kanban_server.store.transaction import Transaction


def create(tx: Transaction, actor: Actor, request: NewTicket) -> Ticket:
    """Create a ticket at the bottom of `current_column`, or of the board's first column if none is given."""
    actor = actor.with_force(request.force)
    board = boards.lock(tx, request.board_id)
    column = board.column(request.current_column) if request.current_column else board.columns[0]
    assignee, labels = actors.check_assignee(request.assignee), validation.check_labels(request.labels or [])
    values: NewTicketRow = {
        "board_id": board.id,
        "column_id": column.id,
        "place": bottom_place(board, column),
        "title": validation.check_title(request.title),
        "description": validation.check_text(request.description),
        "acceptance_criteria": validation.check_text(request.acceptance_criteria, "acceptance_criteria"),
        "priority": priorities.check_priority(request.priority),
        "assignee": assignee,
        "labels": orjson.dumps(labels).decode(),
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
        "links": "[]",
        "not_before": timestamps.parse_not_before(request.not_before, board.now),
        "needs": orjson.dumps(validation.check_tags(request.needs or [], "needs")).decode(),
    }
    check_room(board, column, force=actor.force)
    change_warnings.labels(board, labels)
    change_warnings.assignee(board, actor, assignee)
    row = tickets.insert_ticket(board, values)
    index_ticket(board, row)
    ticket = tickets.to_wire(row, board.columns)
    open_blockers = dependencies.count_open(board, request.blocked_by or []) if column.role == "done" else 0
    lacking = unmet(ticket.but(open_blockers=open_blockers)) if column.role == "done" else []
    data = ticket_event_fields(ticket) | ({"unmet": lacking} if lacking else {})
    board.record(actor, "ticket_created", data, ticket_id=ticket.id)
    dependencies.set_links(board, actor, row, request.blocked_by or [], request.parent)
    requirements.check(board, actor, row, column)
    return requirements.answer(board, row, entered=True)


def move(tx: Transaction, actor: Actor, ticket_id: int, request: Move) -> Ticket:
    """Move a ticket to a column: to the requested position, or to the bottom if the request has none.

    A done column ends its claim. Refused: `already-claimed`, `version-conflict`, `column-full`, `unmet`,
    `review-required`, `unknown-column`; `invalid-request`, if the request has more than one position.
    """
    actor = actor.with_force(request.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    check_ticket_version(board, row, request.version)
    check_position(request)
    if request.note:
        comments.write_comment(board, actor, row, request.note)
    return move_row(board, actor, row, request)


def move_row(board: LockedBoard, actor: Actor, row: TicketRow, request: Move) -> Ticket:
    """Move a ticket that the actor may write on; see `move`."""
    ticket_id = row["id"]
    column, origin = board.column(request.column), board.column_by_id(row["column_id"])
    before, after, place = request.before, request.after, request.place
    stays = column == origin and (ticket_id in {before, after} or (before, after, place) == (None, None, None))
    neighbours = None if stays else find_neighbours(board, ticket_id, column, before=before, after=after, place=place)
    if column != origin:
        check_room(board, column, force=actor.force)
        requirements.check_move(board, actor, row, column)
        if column.role == "done":
            leases.check_review(board, actor, row)
    if neighbours is not None:
        place_ticket(board, actor, row, column, neighbours)
        leases.end_claim_in_done_column(board, actor, row, note=request.note)
    return requirements.answer(board, row, entered=column != origin)


def edit(tx: Transaction, actor: Actor, ticket_id: int, request: TicketEdit) -> Ticket:
    """Change only the fields in the request. A new `current_column` is a move."""
    actor = actor.with_force(request.get("force", False))
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    check_ticket_version(board, row, request.get("version"))
    if request.get("board_id", board.id) != board.id:
        raise Refusal("other-board", "A ticket can't go to another board.", fix="Create it there, and link to it.")
    assigned_by = _check_assigner(tx, row, request.get("assigned_by"))
    clean = _check_fields(request, board.now)
    change_warnings.labels(board, clean.get("labels", ()), orjson.loads(row["labels"]))
    change_warnings.assignee(board, actor, clean.get("assignee"), row["assignee"])
    update_fields(board, actor, row, clean, assigned_by=assigned_by)
    if "blocked_by" in request or "parent" in request:
        blocked_by = request.get("blocked_by", dependencies.blockers_of(row)) or []
        dependencies.set_links(board, actor, row, blocked_by, request.get("parent", row["parent"]))
    column = request.get("current_column")
    return move(tx, actor, ticket_id, Move(column)) if column else tickets.to_wire(row, board.columns)


def block(tx: Transaction, actor: Actor, ticket_id: int, request: BlockRequest) -> Ticket:
    """Add blockers to a ticket. Needs no version. Refused: `dependency-cycle`, `other-board`."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    dependencies.set_links(board, actor, row, [*dependencies.blockers_of(row), *request.on], row["parent"])
    return tickets.to_wire(row, board.columns)


def unblock(tx: Transaction, actor: Actor, ticket_id: int, request: BlockRequest) -> Ticket:
    """Remove blockers from a ticket. A ticket that is not one of its blockers is ignored."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    blocker_ids = [blocker for blocker in dependencies.blockers_of(row) if blocker not in request.on]
    dependencies.set_links(board, actor, row, blocker_ids, row["parent"])
    return tickets.to_wire(row, board.columns)


def label(tx: Transaction, actor: Actor, ticket_id: int, request: Labels) -> Ticket:
    """Add and remove labels. Needs no version, since it overwrites no other change."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    old_labels: list[str] = orjson.loads(row["labels"])
    removed = set(validation.check_labels(request.remove))
    wanted = validation.check_labels([*(name for name in old_labels if name not in removed), *request.add])
    change_warnings.labels(board, wanted, old_labels)
    update_fields(board, actor, row, {"labels": wanted})
    return tickets.to_wire(row, board.columns)


def append_text(tx: Transaction, actor: Actor, ticket_id: int, request: Append) -> Ticket:
    """Append text to the description or the criteria. Needs no version, since it overwrites no other change."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    old_text = row[request.field]
    new_text = f"{old_text}\n\n{request.text}" if old_text else request.text
    update_fields(board, actor, row, {request.field: validation.check_text(new_text, request.field)})
    return tickets.to_wire(row, board.columns)


def delete(tx: Transaction, actor: Actor, ticket_id: int, version: int | None = None) -> Message:
    """Delete a ticket. Its events stay in the log, and it can be restored."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    is_author = actor.id is not None and authorship.is_ticket_creator(tx, actor.id, ticket_id, row["created_by"])
    permissions.check_delete(board.role, f"ticket {ticket_id}", own=is_author)
    check_ticket_version(board, row, version)
    if row["claim_holder"] is not None:
        leases.end_claim(board, actor, row, "released")
    board.update_ticket(row, deleted_at=board.now, **audit_fields(board, actor, row))
    search.remove(tx, ticket_id)
    data = {
        "id": ticket_id,
        "board_id": board.id,
        "title": row["title"],
        "deleted_by": actor.name,
        "version": row["version"],
    }
    board.record(actor, "ticket_deleted", data, ticket_id=ticket_id)
    dependencies.update_dependents(board, actor, row)
    return Message(f"Ticket {ticket_id} is deleted; it can be restored.")


def restore(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Restore a deleted or archived ticket, unclaimed, to the bottom of its column.

    If its column was removed, it goes to the board's first column.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.read_row(tx, ticket_id, deleted=True)
    column, old_column_id = tickets.column_of(row, board.columns), row["column_id"]
    if not (row["deleted_at"] or row["archived_at"]):
        return tickets.to_wire(row, board.columns)
    check_room(board, column, force=actor.force)
    was = "deleted" if row["deleted_at"] else "archived"
    board.update_ticket(
        row,
        column_id=column.id,
        place=bottom_place(board, column),
        column_entered_at=board.now,
        deleted_at=None,
        archived_at=None,
        **audit_fields(board, actor, row),
    )
    data = {**ticket_event_fields(tickets.to_wire(row, board.columns)), "restored_by": actor.name, "was": was}
    if column.id != old_column_id:  # its column was removed meanwhile
        data["from_column"] = event_log.column_name(tx, board.id, old_column_id)
    index_ticket(board, row)
    dependencies.update_restored(board, actor, row)
    requirements.check(board, actor, row, column)
    lacking = requirements.unmet_in(board, row, column)
    board.record(actor, "ticket_restored", data | ({"unmet": lacking} if lacking else {}), ticket_id=ticket_id)
    return requirements.answer(board, row, entered=True)


def _check_assigner(tx: Transaction, row: TicketRow, name: str | None) -> str | None:
    """The name of who chose the new assignee, from the request. None if it repeats the ticket's current value.

    Refused: `name-mismatch`, if the name is not that of the token's user.
    """
    if not name or not name.strip() or actors.normalize_name(name) in {row["assigned_by"], actors.ANONYMOUS_NAME}:
        return None
    permissions.check_name_matches(tx.viewer, name)
    return actors.check_user_name(name)


def _check_fields(request: TicketEdit, now: str) -> dict[str, Any]:
    """The fields of an edit, validated and in stored form."""
    fields: dict[str, object] = {}
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
    if "needs" in request:
        fields["needs"] = validation.check_tags(request["needs"] or [], "needs")
    if "not_before" in request:
        fields["not_before"] = timestamps.parse_not_before(request["not_before"], now)
    return fields
