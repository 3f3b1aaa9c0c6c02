"""Claims: a ticket has at most one holder. Each claim of a ticket has a higher number than the one before."""

from __future__ import annotations

from dataclasses import replace

from kanban_sdk.wire.bodies import ClaimRequest, Release, Renewal
from kanban_sdk.wire.tickets import Claim, Ticket
from kanban_server.actions import change_warnings, requirements
from kanban_server.actions import leases as lease_actions
from kanban_server.actions.audit_fields import audit_fields, identity_fields, update_fields
from kanban_server.actions.placement import check_room, has_room, place_in_column
from kanban_server.rules import leases, timestamps, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, claims, tickets
from kanban_server.store.rows import TicketRow, TicketValues
from kanban_server.store.transaction import Transaction


def claim_without_lease(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """Claim a ticket without a lease (the base form).

    It excludes other claims and assigns the ticket. It never expires, moves nothing and prevents no other write.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    actor = replace(actor, force=False)
    row = tickets.active_row(tx, ticket_id)
    _require_unclaimed(board, actor, row)
    check_user_limit(board, actor)
    change_warnings.parked(board, row)
    change_warnings.needs(board, actor, row)
    _write_claim(board, actor, row, seconds=None, from_column=None)
    return tickets.to_wire(row, board.columns)


def claim(tx: Transaction, actor: Actor, ticket_id: int, request: ClaimRequest) -> Ticket:
    """Claim a ticket with a lease. Of concurrent claims exactly one succeeds.

    The ticket moves to the first working column that has room. A claim that has the ticket's lease token renews the
    lease. Refused: `name-required`, `already-claimed`, `column-full`, `user-limit`.
    """
    actor = actor.with_force(request.force)
    seconds = leases.check_lease_seconds(request.lease_seconds)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.active_row(tx, ticket_id)
    if lease_actions.is_claimed(board, row) and lease_actions.has_claim_token(actor, row):
        lease_actions.renew(board, row, seconds if request.lease_seconds is not None else row["claim_seconds"])
        return lease_actions.ticket_with_lease(board, row)
    first_column = row["claim_from_column"] if row["claim_to_column"] == row["column_id"] else None
    _require_unclaimed(board, actor, row)
    check_user_limit(board, actor)
    change_warnings.parked(board, row)
    change_warnings.needs(board, actor, row)
    column_id = row["column_id"]
    _move_to_working_column(board, actor, row)
    moved = row["column_id"] != column_id  # else a takeover keeps the column that the first holder took it from
    _write_claim(board, actor, row, seconds=seconds, from_column=column_id if moved else first_column)
    return lease_actions.ticket_with_lease(board, row)


def claim_anew(board: LockedBoard, actor: Actor, row: TicketRow, lease_seconds: int | None) -> Ticket:
    """Claim a ticket anew that the actor holds. Writes under the token of the claim before are refused from then on."""
    seconds = leases.check_lease_seconds(lease_seconds)
    columns: TicketValues = {
        "claim_from_column": row["claim_from_column"],
        "claim_to_column": row["claim_to_column"],
        "question_from_column": row["question_from_column"],
        "question_to_column": row["question_to_column"],
    }
    lease_actions.end_claim(board, actor, row, "released", note="Taken up again by its holder.")
    _write_claim(board, actor, row, seconds=seconds, from_column=None)
    board.update_ticket(row, **columns)
    return lease_actions.ticket_with_lease(board, row)


def renew(tx: Transaction, actor: Actor, ticket_id: int, request: Renewal) -> Ticket:
    """Renew a lease from now. Refused: `lease-lost`, if nobody holds the ticket; `already-claimed`."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.active_row(tx, ticket_id)
    if not lease_actions.is_claimed(board, row):
        raise Refusal(
            "lease-lost", f"Nobody holds ticket {ticket_id}.", fix="Claim it anew.", ticket_id=ticket_id, held_by=None
        )
    if not lease_actions.may_write_as_holder(actor, row):
        raise lease_actions.already_claimed(board, row, fix="Only its holder renews a claim.")
    seconds = (
        row["claim_seconds"] if request.lease_seconds is None else leases.check_lease_seconds(request.lease_seconds)
    )
    lease_actions.renew(board, row, seconds)
    return lease_actions.ticket_with_lease(board, row)


def release(tx: Transaction, actor: Actor, ticket_id: int, request: Release) -> Ticket:
    """End a claim, with a note for the next holder. The ticket moves to `column`, or back to its former column.

    With `not_before`, it is parked until then, also if nobody holds it.
    """
    actor = actor.with_force(request.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.active_row(tx, ticket_id)
    parking = _parking(board, request)
    if not lease_actions.is_claimed(board, row):
        if row["claim_holder"] is not None:
            lease_actions.expire_claim(board, row)
        update_fields(board, actor, row, parking)
        return tickets.to_wire(row, board.columns)
    is_holder = lease_actions.may_write_as_holder(actor, row)
    if not (is_holder or board.forced_by(actor)):
        raise lease_actions.already_claimed(
            board, row, fix="Only its holder releases a claim; send `force` to end it all the same."
        )
    note = validation.check_text(": ".join(filter(None, (request.reason, request.note))) or None, "note")
    column_id = row["column_id"]
    if request.column is None:
        lease_actions.move_back(board, actor, row)
    else:
        column = board.column(request.column)
        if column.role == "done":
            lease_actions.check_review(board, actor, row)
        if column.id != column_id:
            check_room(board, column, force=actor.force)
            requirements.check_move(board, actor, row, column)
            place_in_column(board, actor, row, column)
    update_fields(board, actor, row, parking)
    lease_actions.end_claim(board, actor, row, "released" if is_holder else "forced", note=note)
    return requirements.answer(board, row, entered=row["column_id"] != column_id)


def _parking(board: LockedBoard, request: Release) -> dict[str, object]:
    """The fields that a release sets. Refused: `invalid-request`."""
    not_before = timestamps.parse_not_before(request.not_before, board.now)
    return {} if not_before is None else {"not_before": not_before}


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


def _require_unclaimed(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Check that nobody holds the ticket. With `force`, end the claim of its holder.

    Refused: `name-required`, `already-claimed`.
    """
    if not actor.is_named:
        raise Refusal("name-required", "A claim needs a name.", fix="Say who claims, in `agent_id` or X-Kanban-User.")
    if row["claim_holder"] is None:
        return
    if not lease_actions.is_claimed(board, row):
        lease_actions.expire_claim(board, row)
    elif board.forced_by(actor):
        lease_actions.end_claim(board, actor, row, "forced")
    else:
        raise lease_actions.already_claimed(board, row, fix="Take another ticket, or ask the holder in a comment.")


def _move_to_working_column(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Move the ticket to the first working column that has room, unless it is in a working column already."""
    working = [column for column in board.columns if column.role == "working"]
    if not working or board.column_by_id(row["column_id"]).role == "working":
        return
    column = next((column for column in working if has_room(board, column)), working[0])
    check_room(board, column, force=actor.force)
    place_in_column(board, actor, row, column)


def _write_claim(
    board: LockedBoard, actor: Actor, row: TicketRow, *, seconds: int | None, from_column: int | None
) -> None:
    """Make the actor the holder, and record it. `from_column` is the column to which a release moves the ticket."""
    number = max(row["claim_number"] + 1, board.claim_floor)
    old_assignee = row["assignee"]
    board.update_ticket(
        row,
        claim_holder=actor.name,
        claim_number=number,
        claim_seconds=seconds,
        claim_expires_at=leases.lease_end(board.now, seconds),
        claim_from_column=from_column,
        claim_to_column=row["column_id"] if from_column is not None else None,
        claim_from_assignee=old_assignee,
        claim_user_id=actor.id,
        claim_seat=actor.person_id,
        assignee=actor.name,
        assigned_by=actor.name,
        **audit_fields(board, actor, row),
    )
    attempt = {"ticket_id": row["id"], "number": number, "holder": actor.name, "seat": actor.person_id}
    board.tx.enqueue(claims.INSERT_ATTEMPT, {**attempt, "claimed_at": board.now})
    data = {
        **identity_fields(row),
        "claim": Claim(actor.name, number),
        "assignee": actor.name,
        "assigned_by": actor.name,
        "claimed_by": actor.name,
        "from_assignee": old_assignee,
        "expires_at": row["claim_expires_at"],
    }
    board.record(actor, "ticket_claimed", data, ticket_id=row["id"])
