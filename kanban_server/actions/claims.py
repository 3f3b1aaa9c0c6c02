"""Claims: a ticket has at most one holder. Each claim of a ticket has a higher number than the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kanban_sdk.wire.bodies import ClaimRequest, Release, Renewal
from kanban_sdk.wire.tickets import Claim, Ticket
from kanban_server.actions import dependencies, requirements
from kanban_server.actions import leases as lease_actions
from kanban_server.actions.audit_fields import audit_fields, identity_fields
from kanban_server.actions.placement import check_room, find_neighbours, has_room, place_ticket
from kanban_server.rules import leases, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, claims, tickets
from kanban_server.store.transaction import Row, Transaction


def claim_without_lease(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Claim a ticket without a lease (the base form).

    It excludes other claims and assigns the ticket. It never expires, moves nothing and prevents no other write.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    actor = replace(actor, force=False)
    row = _require_unclaimed(board, actor, ticket_id)
    check_user_limit(board, actor)
    return _write_claim(board, actor, row, tickets.to_wire(row, board.columns), seconds=None, return_column_id=None)


def claim(tx: Transaction, actor: Actor, ticket_id: int, request: ClaimRequest) -> Ticket:
    """Claim a ticket with a lease. Of concurrent claims exactly one succeeds.

    The ticket moves to the first working column that has room. Refused: `name-required`, `already-claimed`,
    `column-full`, `user-limit`.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    return claim_locked(board, actor, ticket_id, request)


def claim_locked(board: LockedBoard, actor: Actor, ticket_id: int, request: ClaimRequest) -> Ticket:
    """Claim a ticket of a locked board. A claim that has the ticket's lease token renews the lease."""
    actor = actor.with_force(request.force)
    seconds = leases.check_lease_seconds(request.lease_seconds)
    old_row = row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] and lease_actions.is_claimed(board, row) and lease_actions.has_claim_token(actor, row):
        return lease_actions.renew(board, row, seconds if request.lease_seconds is not None else row["claim_seconds"])
    row = _require_unclaimed(board, actor, ticket_id)
    check_user_limit(board, actor)
    ticket = tickets.to_wire(row, board.columns)
    moved = _move_to_working_column(board, actor, ticket)
    return_column_id = row["column_id"]
    if moved is ticket:  # a takeover keeps the column that the first holder took it from
        return_column_id = old_row["claim_from_column"] if old_row["claim_to_column"] == row["column_id"] else None
    return _write_claim(
        board, actor, tickets.read_row(board.tx, ticket_id), moved, seconds=seconds, return_column_id=return_column_id
    )


def renew(tx: Transaction, actor: Actor, ticket_id: int, request: Renewal) -> Ticket:
    """Renew a lease from now. Refused: `lease-lost`, if nobody holds the ticket; `already-claimed`."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.active_row(board.tx, ticket_id)
    if not (row["claim_holder"] and lease_actions.is_claimed(board, row)):
        raise Refusal(
            "lease-lost", f"Nobody holds ticket {ticket_id}.", fix="Claim it anew.", ticket_id=ticket_id, held_by=None
        )
    if not lease_actions.may_write_as_holder(actor, row):
        raise lease_actions.already_claimed(board, row, fix="Only its holder renews a claim.")
    return lease_actions.renew(
        board,
        row,
        row["claim_seconds"] if request.lease_seconds is None else leases.check_lease_seconds(request.lease_seconds),
    )


def release(tx: Transaction, actor: Actor, ticket_id: int, request: Release) -> Ticket:
    """End a claim, with a note for the next holder. The ticket moves to `column`, or back to its former column."""
    actor = actor.with_force(request.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return tickets.read_on_board(board, ticket_id)
    if not lease_actions.is_claimed(board, row):
        return lease_actions.expire_claim(board, row)
    is_holder = lease_actions.may_write_as_holder(actor, row)
    if not (is_holder or board.forced_by(actor)):
        raise lease_actions.already_claimed(
            board, row, fix="Only its holder releases a claim; send `force` to end it all the same."
        )
    note = validation.check_text(request.note, "note")
    ticket = tickets.read_on_board(board, ticket_id)
    if request.column is not None:
        column = board.column(request.column)
        if column.role == "done":
            lease_actions.check_review(board, actor, row)
        if column.name != ticket.current_column:
            check_room(board, column, force=actor.force)
            requirements.check_move(board, actor, ticket, column)
            ticket = place_ticket(board, actor, ticket, column, find_neighbours(board, ticket.id, column))
            requirements.warn(board, ticket)
    else:
        ticket = lease_actions.move_back(board, actor, ticket, row)
    ended = lease_actions.end_claim(board, actor, ticket, "released" if is_holder else "forced", note=note)
    dependencies.update_dependents(board, actor, ended)
    return ended


def check_user_limit(board: LockedBoard, actor: Actor) -> None:
    """Refused: `user-limit`, if the user already holds the board's maximum of tickets (`wip_per_user`)."""
    if board.wip_per_user is None:
        return
    held_count = sum(claims.count_claims_of_holder(board.tx, board.id, name, board.now) for name in actor.names)
    if held_count >= board.wip_per_user and not board.forced_by(actor):
        raise Refusal(
            "user-limit",
            f"{actor.name} holds {held_count} of at most {board.wip_per_user} tickets.",
            fix="Finish or release one first.",
            limit=board.wip_per_user,
            held=held_count,
        )


def _require_unclaimed(board: LockedBoard, actor: Actor, ticket_id: int) -> Row:
    """Return the row of a ticket that nobody holds. With `force`, first end the claim of its holder.

    Refused: `name-required`, `already-claimed`.
    """
    if not actor.is_named:
        raise Refusal("name-required", "A claim needs a name.", fix="Say who claims, in `agent_id` or X-Kanban-User.")
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return row
    if not lease_actions.is_claimed(board, row):
        lease_actions.expire_claim(board, row)
    elif board.forced_by(actor):
        lease_actions.end_claim(board, actor, tickets.read_on_board(board, ticket_id), "forced")
    else:
        raise lease_actions.already_claimed(board, row, fix="Take another ticket, or ask the holder in a comment.")
    return tickets.read_row(board.tx, ticket_id)


def _move_to_working_column(board: LockedBoard, actor: Actor, ticket: Ticket) -> Ticket:
    """Move the ticket to the first working column that has room, unless it is in a working column already."""
    working = [column for column in board.columns if column.role == "working"]
    if not working or board.column(ticket.current_column).role == "working":
        return ticket
    column = next((column for column in working if has_room(board, column)), working[0])
    check_room(board, column, force=actor.force)
    return place_ticket(board, actor, ticket, column, find_neighbours(board, ticket.id, column))


def _write_claim(
    board: LockedBoard, actor: Actor, row: Row, ticket: Ticket, *, seconds: int | None, return_column_id: int | None
) -> Ticket:
    claim_number = max(row["claim_number"] + 1, board.claim_floor)
    expires_at = leases.lease_end(board.now, seconds)
    claimed = ticket.but(
        claim=Claim(actor.name, claim_number),
        assignee=actor.name,
        assigned_by=actor.name,
        **audit_fields(board, actor, ticket),
    )
    changes: dict[str, Any] = {
        "claim_holder": actor.name,
        "claim_number": claim_number,
        "claim_seconds": seconds,
        "claim_expires_at": expires_at,
        "claim_from_column": return_column_id,
        "claim_to_column": board.column(claimed.current_column).id if return_column_id is not None else None,
        "claim_from_assignee": ticket.assignee,
        "claim_user_id": actor.id,
        "claim_seat": actor.person_id,
        "assignee": claimed.assignee,
        "assigned_by": claimed.assigned_by,
        "updated_by": claimed.updated_by,
        "updated_at": claimed.updated_at,
        "version": claimed.version,
    }
    claims.write_claim(board.tx, row, **changes)
    board.recount(ticket, claimed)
    attempt = {"ticket_id": ticket.id, "number": claim_number, "holder": actor.name, "seat": actor.person_id}
    board.tx.run(claims.INSERT_ATTEMPT, **attempt, claimed_at=board.now)
    data = {
        **identity_fields(claimed),
        "claim": claimed.claim,
        "assignee": claimed.assignee,
        "assigned_by": claimed.assigned_by,
    }
    data |= {"claimed_by": actor.name, "from_assignee": ticket.assignee, "expires_at": expires_at}
    board.record(actor, "ticket_claimed", data, ticket_id=ticket.id)
    dependencies.update_dependents(board, actor, claimed)
    return claimed if seconds is None else claimed.but(lease=lease_actions.build_lease(board, {**row, **changes}))
