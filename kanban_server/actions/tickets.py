"""What can be done with a ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kanban_sdk.wire.boards import Column, Message
from kanban_sdk.wire.bodies import Append, Labels, Move, NewTicket, TicketEdit
from kanban_sdk.wire.tickets import Claim, Ticket
from kanban_server.actions.landing import bottom, land, neighbours
from kanban_server.actions.versions import check_ticket
from kanban_server.rules import names, priorities, texts
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, search, tickets
from kanban_server.store.boards import LockedBoard
from kanban_server.store.transaction import Transaction


def create(tx: Transaction, actor: Actor, new: NewTicket) -> Ticket:
    """Create a ticket at the bottom of its column, the board's first where none is named."""
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
    }
    id = tickets.insert_row(tx, row)
    del row["column_id"]
    ticket = Ticket(id=id, current_column=column.name, **row)
    search.index(tx, id, searched(ticket), comment_count=0)
    board.moved_count(out_of=None, into=column)
    board.record(actor, "ticket_created", said(ticket), ticket_id=id)
    return ticket


def move(tx: Transaction, actor: Actor, ticket_id: int, intent: Move) -> Ticket:
    """Move a ticket to a column, and there to where it is meant to stand; to the bottom where nothing is said."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    check_ticket(tx, ticket, intent.version)
    return move_on(board, actor, ticket, intent)


def move_on(board: LockedBoard, actor: Actor, ticket: Ticket, intent: Move) -> Ticket:
    """Move a ticket of a board that is locked. Refused: `invalid-request`, where it is sent to several places."""
    if sum(place is not None for place in (intent.before, intent.after, intent.place)) > 1:
        detail = "`before`, `after` and `place` each say where the ticket goes; only one can be meant."
        raise Refusal("invalid-request", detail, fix="Send one of them.", field="place")
    column = board.column(intent.column)
    placed = intent.place is not None or intent.before is not None or intent.after is not None
    if column.name == ticket.current_column and not placed:
        return ticket
    if ticket.id in {intent.before, intent.after}:
        return ticket
    between = neighbours(board, ticket.id, column, before=intent.before, after=intent.after, place=intent.place)
    return put_into(board, actor, ticket, column, between)


def put_into(
    board: LockedBoard, actor: Actor, ticket: Ticket, column: Column, between: tuple[str | None, str | None]
) -> Ticket:
    """Put a ticket into a column between two places. A done column ends its claim."""
    moved = land(board, actor, ticket, column, between)
    if column.role == "done" and moved.claim is not None:
        moved = end_claim(board, actor, moved, "done")
    return moved


def edit(tx: Transaction, actor: Actor, ticket_id: int, wanted: TicketEdit) -> Ticket:
    """Change the fields that are named, and no other. A new `current_column` is a move."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    check_ticket(tx, ticket, wanted.get("version"))
    if wanted.get("board_id", board.id) != board.id:
        raise Refusal("other-board", "A ticket can't go to another board.", fix="Create it there, and link to it.")
    edited = write_edit(board, actor, ticket, _cleaned(wanted))
    column = wanted.get("current_column")
    return move_on(board, actor, edited, Move(column)) if column else edited


def label(tx: Transaction, actor: Actor, ticket_id: int, change: Labels) -> Ticket:
    """Add labels and remove labels. Needs no version, since it undoes nothing that others do."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    removed = set(texts.labels(change.remove))
    kept = [name for name in ticket.labels if name not in removed]
    return write_edit(board, actor, ticket, {"labels": texts.labels([*kept, *change.add])})


def append(tx: Transaction, actor: Actor, ticket_id: int, addition: Append) -> Ticket:
    """Put text at the end of the description or the criteria. Needs no version, since it undoes nothing."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    present: str | None = getattr(ticket, addition.field)
    whole = f"{present}\n\n{addition.text}" if present else addition.text
    return write_edit(board, actor, ticket, {addition.field: texts.text(whole, addition.field)})


def claim(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Hold a ticket, so that nobody else can: exactly one of those who try at once wins."""
    if not actor.named:
        raise Refusal("name-required", "A claim needs a name.", fix="Say who claims, in `agent_id` or X-Kanban-User.")
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    if ticket.claim is not None:
        raise Refusal(
            "already-claimed",
            f"{ticket.claim.holder} holds ticket {ticket_id}.",
            fix="Take another ticket, or ask the holder in a comment.",
            held_by=ticket.claim.holder,
            expires_at=None,
        )
    number = (tickets.read(tx, ticket_id)["claim_number"] or 0) + 1
    held = replace(
        ticket,
        claim=Claim(actor.name, number),
        assignee=actor.name,
        assigned_by=actor.name,
        **_touched(board, actor, ticket),
    )
    _write_claim(tx, held, number)
    data = {**_identity(held), "claim": held.claim, "assignee": held.assignee, "assigned_by": held.assigned_by}
    data |= {"claimed_by": actor.name, "from_assignee": ticket.assignee}
    board.record(actor, "ticket_claimed", data, ticket_id=ticket_id)
    return held


def end_claim(board: LockedBoard, actor: Actor, ticket: Ticket, reason: str) -> Ticket:
    """End the claim of a ticket, and tell why."""
    assert ticket.claim is not None
    free = replace(ticket, claim=None, **_touched(board, actor, ticket))
    _write_claim(board.tx, free, ticket.claim.number)
    data = {**_identity(free), "reason": reason, "claim": None, "holder": ticket.claim.holder}
    board.record(actor, "ticket_released", data, ticket_id=ticket.id)
    return free


def delete(tx: Transaction, actor: Actor, ticket_id: int, version: int | None = None) -> Message:
    """Delete a ticket. Its log stays, and it can be restored."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    check_ticket(tx, ticket, version)
    gone = replace(ticket, claim=None, **_touched(board, actor, ticket))
    tx.run(
        tickets.DELETE,
        ticket_id=ticket_id,
        deleted_at=board.now,
        updated_by=gone.updated_by,
        updated_at=gone.updated_at,
        version=gone.version,
        claim_holder=None,
    )
    search.drop(tx, ticket_id)
    board.moved_count(out_of=board.column(ticket.current_column), into=None)
    data = {
        "id": ticket_id,
        "board_id": board.id,
        "title": ticket.title,
        "deleted_by": actor.name,
        "version": gone.version,
    }
    board.record(actor, "ticket_deleted", data, ticket_id=ticket_id)
    return Message(f"Ticket {ticket_id} is deleted; it can be restored.")


def restore(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Bring a deleted ticket back: to its column, or the board's first, at the bottom, unclaimed."""
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.read(tx, ticket_id, deleted=True)
    column = next((column for column in board.columns if column.id == row["column_id"]), board.columns[0])
    found = tickets.seen({**row, "column_id": column.id}, board.columns)
    if not row["deleted_at"]:
        return found
    back = replace(
        found, place=bottom(board, column), column_entered_at=board.now, claim=None, **_touched(board, actor, found)
    )
    tickets.write_move(tx, back, column, tickets.RESTORE, deleted_at=None)
    search.index(tx, ticket_id, searched(back), comment_count=back.comment_count)
    board.moved_count(out_of=None, into=column)
    board.record(actor, "ticket_restored", {**said(back), "restored_by": actor.name}, ticket_id=ticket_id)
    return back


def write_edit(board: LockedBoard, actor: Actor, ticket: Ticket, wanted: dict[str, Any]) -> Ticket:
    """Write the fields that differ, and tell them. Nothing happens where none does."""
    changes = {
        field: {"from": getattr(ticket, field), "to": value}
        for field, value in wanted.items()
        if getattr(ticket, field) != value
    }
    if not changes:
        return ticket
    new = {field: change["to"] for field, change in changes.items()}
    if "assignee" in changes:
        new["assigned_by"] = actor.name if new["assignee"] else None
    edited = replace(ticket, **new, **_touched(board, actor, ticket))
    tickets.edit(board.tx, edited, labels_changed="labels" in changes)
    if changes.keys() & {"title", "description", "acceptance_criteria"}:
        search.index(board.tx, ticket.id, searched(edited), comment_count=edited.comment_count)
    data = {**_identity(edited), **new, "changes": changes, "changed_by": actor.name}
    board.record(actor, "ticket_updated", data, ticket_id=ticket.id)
    return edited


def searched(ticket: Ticket) -> list[str | None]:
    """The texts of a ticket that search looks at."""
    return [ticket.title, ticket.description, ticket.acceptance_criteria]


def said(ticket: Ticket) -> dict[str, Any]:
    """The whole ticket, as an event says it."""
    return {name: getattr(ticket, name) for name in ticket.__dataclass_fields__ if name != "sizes"}


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
    return clean


def _touched(board: LockedBoard, actor: Actor, ticket: Ticket) -> dict[str, Any]:
    return {"updated_by": actor.name, "updated_at": board.now, "version": ticket.version + 1}


def _identity(ticket: Ticket) -> dict[str, Any]:
    """What every event of a ticket bears."""
    return {
        "id": ticket.id,
        "board_id": ticket.board_id,
        "title": ticket.title,
        "updated_by": ticket.updated_by,
        "updated_at": ticket.updated_at,
        "version": ticket.version,
    }


def _write_claim(tx: Transaction, ticket: Ticket, number: int) -> None:
    tx.run(
        tickets.CLAIM,
        ticket_id=ticket.id,
        claim_holder=ticket.claim.holder if ticket.claim else None,
        claim_number=number,
        assignee=ticket.assignee,
        assigned_by=ticket.assigned_by,
        updated_by=ticket.updated_by,
        updated_at=ticket.updated_at,
        version=ticket.version,
    )
