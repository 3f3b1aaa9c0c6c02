"""What can be done with a ticket."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Column, Message
from kanban_sdk.wire.bodies import Append, Blocking, Labels, Move, NewTicket, TicketEdit
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import dependencies, holding, requirements, warning
from kanban_server.actions.landing import bottom, land, make_room, neighbours
from kanban_server.actions.versions import check_ticket
from kanban_server.actions.writing import said, searched, touched, write_edit
from kanban_server.rules import access, criteria, names, priorities, texts, times
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, journal, search, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction


def create(tx: Transaction, actor: Actor, new: NewTicket) -> Ticket:
    """Create a ticket at the bottom of its column, the board's first where none is named."""
    actor = actor.forcing(new.force)
    board = boards.lock(tx, new.board_id)
    column = board.column(new.current_column) if new.current_column else board.columns[0]
    assignee = names.assignee_name(new.assignee)
    row: dict[str, Any] = {
        "board_id": board.id,
        "column_id": column.id,
        "place": bottom(board, column),
        "title": texts.title(new.title),
        "description": texts.text(new.description),
        "acceptance_criteria": texts.text(new.acceptance_criteria, "acceptance_criteria"),
        "priority": priorities.priority(new.priority),
        "assignee": assignee,
        "labels": texts.labels(new.labels or []),
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
        "due_date": times.day(new.due_date),
        "links": [],
    }
    make_room(board, column, force=actor.force)
    warning.labels(board, row["labels"])
    warning.assignee(board, actor, assignee)
    id = tickets.insert_row(tx, row)
    del row["column_id"]
    ticket = Ticket(id=id, current_column=column.name, criteria=criteria.counted(row["acceptance_criteria"]), **row)
    ticket = ticket.without("unmet")  # it is answered only where it says something
    search.index(tx, id, searched(ticket), comment_count=0)
    board.recount(None, ticket)
    counted = ticket
    if column.role == "done" and new.blocked_by:
        counted = ticket.but(open_blockers=dependencies.open_among(board, new.blocked_by))
    lacking = requirements.noted(counted, column).unmet
    board.record(actor, "ticket_created", said(ticket) | ({"unmet": lacking} if lacking else {}), ticket_id=id)
    linked = dependencies.link(board, actor, ticket, new.blocked_by or [], new.parent)
    requirements.check(board, actor, linked, column)
    return requirements.warn(board, requirements.noted(linked, column))


def move(tx: Transaction, actor: Actor, ticket_id: int, intent: Move) -> Ticket:
    """Move a ticket to a column, and there to where it is meant to stand; to the bottom where nothing is said."""
    actor = actor.forcing(intent.force)
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    check_ticket(tx, ticket, intent.version)
    return move_on(board, actor, ticket, intent)


def move_on(board: LockedBoard, actor: Actor, ticket: Ticket, intent: Move) -> Ticket:
    """Move a ticket of a board that is locked. Refused: `invalid-request`, where it is sent to several places."""
    if sum(place is not None for place in (intent.before, intent.after, intent.place)) > 1:
        detail = "`before`, `after` and `place` each say where the ticket goes; only one can be meant."
        raise Refusal("invalid-request", detail, fix="Send one of them.", field="place")
    column = board.column(intent.column)
    placed = intent.place is not None or intent.before is not None or intent.after is not None
    if column.name == ticket.current_column and (not placed or ticket.id in {intent.before, intent.after}):
        return ticket
    between = neighbours(board, ticket.id, column, before=intent.before, after=intent.after, place=intent.place)
    if column.name != ticket.current_column:
        make_room(board, column, force=actor.force)
        requirements.check_move(board, actor, ticket, column)
        if column.role == "done" and board.review:
            holding.check_review(board, actor, tickets.read(board.tx, ticket.id))
    return requirements.warn(board, put_into(board, actor, ticket, column, between))


def put_into(
    board: LockedBoard, actor: Actor, ticket: Ticket, column: Column, between: tuple[str | None, str | None]
) -> Ticket:
    """Put a ticket into a column between two places. A done column ends its claim, and unblocks who waited for it."""
    before = board.column(ticket.current_column)
    moved = land(board, actor, ticket, column, between)
    if column.role == "done" and moved.claim:
        moved = holding.end(board, actor, moved, "done")
    if (before.role == "done") != (column.role == "done"):
        dependencies.settle(board, actor, moved)
    return moved


def edit(tx: Transaction, actor: Actor, ticket_id: int, wanted: TicketEdit) -> Ticket:
    """Change the fields that are named, and no other. A new `current_column` is a move."""
    actor = actor.forcing(wanted.get("force", False))
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    check_ticket(tx, ticket, wanted.get("version"))
    if wanted.get("board_id", board.id) != board.id:
        raise Refusal("other-board", "A ticket can't go to another board.", fix="Create it there, and link to it.")
    assigned_by = _assigner(tx, ticket, wanted.get("assigned_by"))
    clean = _cleaned(wanted)
    warning.labels(board, clean.get("labels", ()), ticket.labels)
    warning.assignee(board, actor, clean.get("assignee"), ticket.assignee)
    edited = write_edit(board, actor, ticket, clean, assigned_by=assigned_by)
    if "blocked_by" in wanted or "parent" in wanted:
        blocked_by = wanted.get("blocked_by", edited.blocked_by) or []
        edited = dependencies.link(board, actor, edited, blocked_by, wanted.get("parent", edited.parent))
    column = wanted.get("current_column")
    return move_on(board, actor, edited, Move(column)) if column else edited


def block(tx: Transaction, actor: Actor, ticket_id: int, change: Blocking) -> Ticket:
    """Let a ticket wait for others. Needs no version. Refused: `dependency-cycle`, `other-board`."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    return dependencies.link(board, actor, ticket, [*ticket.blocked_by, *change.on], ticket.parent)


def unblock(tx: Transaction, actor: Actor, ticket_id: int, change: Blocking) -> Ticket:
    """Let a ticket no longer wait for others; those that it does not wait for are no error."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    left = [blocker for blocker in ticket.blocked_by if blocker not in change.on]
    return dependencies.link(board, actor, ticket, left, ticket.parent)


def label(tx: Transaction, actor: Actor, ticket_id: int, change: Labels) -> Ticket:
    """Add labels and remove labels. Needs no version, since it undoes nothing that others do."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    removed = set(texts.labels(change.remove))
    kept = [name for name in ticket.labels if name not in removed]
    wanted = texts.labels([*kept, *change.add])
    warning.labels(board, wanted, ticket.labels)
    return write_edit(board, actor, ticket, {"labels": wanted})


def append(tx: Transaction, actor: Actor, ticket_id: int, addition: Append) -> Ticket:
    """Put text at the end of the description or the criteria. Needs no version, since it undoes nothing."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    present: str | None = getattr(ticket, addition.field)
    whole = f"{present}\n\n{addition.text}" if present else addition.text
    return write_edit(board, actor, ticket, {addition.field: texts.text(whole, addition.field)})


def delete(tx: Transaction, actor: Actor, ticket_id: int, version: int | None = None) -> Message:
    """Delete a ticket. Its log stays, and it can be restored."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    own = actor.id is not None and journal.made_ticket(tx, actor.id, ticket_id, ticket.created_by)
    access.check_delete(board.role, f"ticket {ticket_id}", own=own)
    check_ticket(tx, ticket, version)
    if ticket.claim is not None:
        ticket = holding.end(board, actor, ticket, "released")
    gone = ticket.but(**touched(board, actor, ticket))
    tx.run(
        tickets.DELETE,
        ticket_id=ticket_id,
        deleted_at=board.now,
        updated_by=gone.updated_by,
        updated_at=gone.updated_at,
        version=gone.version,
    )
    search.drop(tx, ticket_id)
    board.recount(ticket, None)
    data = {
        "id": ticket_id,
        "board_id": board.id,
        "title": ticket.title,
        "deleted_by": actor.name,
        "version": gone.version,
    }
    board.record(actor, "ticket_deleted", data, ticket_id=ticket_id)
    dependencies.settle(board, actor, ticket)
    return Message(f"Ticket {ticket_id} is deleted; it can be restored.")


def restore(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Bring a deleted or archived ticket back: to its column, or the board's first, at the bottom, unclaimed."""
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.read(tx, ticket_id, deleted=True)
    column = tickets.column_of(row, board.columns)
    found = tickets.seen(row, board.columns)
    if not (row["deleted_at"] or row["archived_at"]):
        return found
    make_room(board, column, force=actor.force)
    left = None if column.id == row["column_id"] else journal.column_name(tx, board.id, row["column_id"])
    here: dict[str, Any] = {"place": bottom(board, column), "column_entered_at": board.now, "archived_at": None}
    back = found.but(**here, **touched(board, actor, found))
    tickets.write_move(tx, back, column, tickets.RESTORE, deleted_at=None, archived_at=None)
    was = "deleted" if row["deleted_at"] else "archived"
    lacking = None
    if column.role == "done":
        counted = back.but(open_blockers=dependencies.open_blockers(board, back))
        requirements.check(board, actor, counted, column)
        lacking = requirements.noted(counted, column).unmet
    search.index(tx, ticket_id, searched(back), comment_count=back.comment_count)
    board.recount(None, back)
    data = {**said(back), "restored_by": actor.name, "was": was}
    if column.id != row["column_id"]:  # its column was removed meanwhile
        data["from_column"] = left
    board.record(actor, "ticket_restored", data | ({"unmet": lacking} if lacking else {}), ticket_id=ticket_id)
    return requirements.warn(board, requirements.noted(dependencies.settle_restored(board, actor, back), column))


def _assigner(tx: Transaction, ticket: Ticket, name: str | None) -> str | None:
    """Who has chosen a new assignee, where the request says so; what it repeats of the ticket says nothing.

    Refused: `name-mismatch`, where somebody's token comes with another name.
    """
    if not name or not name.strip() or names.tidy(name) in {ticket.assigned_by, names.NOBODY}:
        return None
    access.check_name(tx.viewer, name)
    return names.user_name(name)


def _cleaned(wanted: TicketEdit) -> dict[str, Any]:
    """The fields of an edit as they are kept."""
    clean: dict[str, Any] = {}
    if "title" in wanted:
        clean["title"] = texts.title(wanted["title"])
    if "description" in wanted:
        clean["description"] = texts.text(wanted["description"])
    if "acceptance_criteria" in wanted:
        clean["acceptance_criteria"] = texts.text(wanted["acceptance_criteria"], "acceptance_criteria")
    if "priority" in wanted:
        clean["priority"] = priorities.priority(wanted["priority"])
    if "assignee" in wanted:
        clean["assignee"] = names.assignee_name(wanted["assignee"])
    if "labels" in wanted:
        clean["labels"] = texts.labels(wanted["labels"] or [])
    if "due_date" in wanted:
        clean["due_date"] = times.day(wanted["due_date"])
    return clean
