"""Leases: who holds a ticket, and who may write on it.

Every change of an existing ticket calls `require_writable`. A write under the token of a lost claim is refused.
"""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Lease, Ticket
from kanban_server.actions import dependencies
from kanban_server.actions.audit_fields import audit_fields, identity_fields, update_fields
from kanban_server.actions.placement import find_neighbours, place_ticket
from kanban_server.rules import leases
from kanban_server.rules.actors import SYSTEM_ACTOR, Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, claims, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


def check_lease(tx: Transaction, actor: Actor) -> None:
    """Check that the claim of the request's lease token is still alive. This applies to every kind of change.

    Refused: `lease-lost`; `already-claimed` if the claim is somebody else's. `force` overrides neither.
    """
    if actor.lease is None:
        return
    ticket_id, number = leases.parse_token(actor.lease)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.read_row(tx, ticket_id, deleted=True)
    if not row["deleted_at"] and is_claimed(board, row) and row["claim_number"] == number:
        if not has_claim_token(actor, row):
            fix = "Leave the token out: it counts for the holder, and for the agents of the same person, only."
            raise already_claimed(board, row, fix=fix)
        return
    holder = row["claim_holder"] if is_claimed(board, row) else None
    raise Refusal(
        "lease-lost",
        f"The claim {actor.lease} has ended" + (f"; {holder} holds ticket {ticket_id} now." if holder else "."),
        fix="Stop the work on this ticket, look at it, and claim it anew if it is free.",
        ticket_id=ticket_id,
        held_by=holder,
    )


def require_writable(board: LockedBoard, actor: Actor, ticket_id: int) -> Ticket:
    """Return the ticket for a change by this actor. A holder's change renews the lease. Refused: `already-claimed`."""
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] is not None and not is_claimed(board, row):
        return expire_claim(board, row)
    if row["claim_seconds"] is not None:  # a claim without a lease prevents no other write
        if may_write_as_holder(actor, row):
            renew(board, row, row["claim_seconds"])
        elif not board.forced_by(actor):
            fix = "Wait for its end, take another ticket, or send `force` where that is meant."
            raise already_claimed(board, row, fix=fix)
    return tickets.to_wire(row, board.columns)


def renew_if_holder(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """Renew the lease if the actor is the holder. For writes that do not need a claim, such as comments."""
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_seconds"] and is_claimed(board, row) and may_write_as_holder(actor, row):
        renew(board, row, row["claim_seconds"])


def renew(board: LockedBoard, row: Row, seconds: int | None) -> Ticket:
    """Renew the lease to last `seconds` from now, and return the ticket with it."""
    expires_at = leases.lease_end(board.now, seconds)
    board.tx.run(claims.RENEW_LEASE, ticket_id=row["id"], claim_expires_at=expires_at, claim_seconds=seconds)
    ticket = tickets.to_wire(row, board.columns)
    return ticket.but(lease=build_lease(board, {**row, "claim_expires_at": expires_at}))


def end_claim(board: LockedBoard, actor: Actor, ticket: Ticket, reason: str, *, note: str | None = None) -> Ticket:
    """End the claim of a ticket and record it. `reason` is released, lease_expired, done or forced."""
    assert ticket.claim is not None
    row = tickets.read_row(board.tx, ticket.id)
    assignee = ticket.assignee
    if reason in {"released", "lease_expired", "forced"} and row["claim_seconds"] is not None:
        assignee = row["claim_from_assignee"] if ticket.assignee == ticket.claim.holder else ticket.assignee
    assigned_by = ticket.assigned_by if assignee else None
    released = ticket.but(
        claim=None, lease=None, assignee=assignee, assigned_by=assigned_by, **audit_fields(board, actor, ticket)
    )
    claims.write_claim(
        board.tx,
        row,
        claim_holder=None,
        claim_seconds=None,
        claim_expires_at=None,
        claim_from_column=None,
        claim_to_column=None,
        claim_from_assignee=None,
        claim_user_id=None,
        claim_seat=None,
        expiries=row["expiries"] + 1 if reason == "lease_expired" else 0,
        assignee=assignee,
        assigned_by=assigned_by,
        updated_by=released.updated_by,
        updated_at=released.updated_at,
        version=released.version,
    )
    board.recount(ticket, released)
    board.tx.run(
        claims.END_ATTEMPT,
        of_ticket=ticket.id,
        of_number=ticket.claim.number,
        ended_at=board.now,
        reason=reason,
        note=note,
    )
    data = {**identity_fields(released), "reason": reason, "claim": None, "holder": ticket.claim.holder}
    data |= {"assignee": assignee, "from_assignee": ticket.assignee, "assigned_by": assigned_by}
    board.record(actor, "ticket_released", {**data, "note": note} if note else data, ticket_id=ticket.id)
    return released


def expire_claim(board: LockedBoard, row: Row) -> Ticket:
    """End a claim whose lease expired, and move the ticket back.

    After `limits.EXPIRIES` expiries (three) in a row, the ticket gets the label `needs-human`.
    """
    ticket = move_back(board, SYSTEM_ACTOR, tickets.read_on_board(board, row["id"]), row)
    ticket = end_claim(board, SYSTEM_ACTOR, ticket, "lease_expired")
    dependencies.update_dependents(board, SYSTEM_ACTOR, ticket)
    if row["expiries"] + 1 >= limits.EXPIRIES and limits.NEEDS_HUMAN not in ticket.labels:
        ticket = update_fields(board, SYSTEM_ACTOR, ticket, {"labels": [*ticket.labels, limits.NEEDS_HUMAN]})
    return ticket


def expire_overdue_claims(board: LockedBoard) -> int:
    """End the claims of a board whose leases expired, and return how many."""
    rows = board.tx.all(claims.EXPIRED_ON_BOARD, board_id=board.id, now=board.now)
    for row in rows:
        expire_claim(board, tickets.read_row(board.tx, row["id"]))
    return len(rows)


def expire_board_claims(tx: Transaction, board_id: int) -> int:
    """Expire a board's overdue claims. The server runs this every few seconds."""
    return expire_overdue_claims(boards.lock(tx, board_id))


def boards_with_overdue_claims(tx: ReadTransaction) -> list[int]:
    """The ids of boards with expired leases, by the database's clock."""
    return [row["board_id"] for row in tx.all(claims.BOARDS_WITH_EXPIRED, now=tx.now())]


def move_back(board: LockedBoard, actor: Actor, ticket: Ticket, row: Row) -> Ticket:
    """Move the ticket back to the column it was claimed from.

    It stays where it is if it was moved since the claim, or if that column no longer exists.
    """
    origin: Column | None = next((column for column in board.columns if column.id == row["claim_from_column"]), None)
    if origin is None or board.column(ticket.current_column).id != row["claim_to_column"]:
        return ticket
    return place_ticket(board, actor, ticket, origin, find_neighbours(board, ticket.id, origin))


def check_review(board: LockedBoard, actor: Actor, row: Row) -> None:
    """Refused: `review-required`, if the board requires review and the work is the actor's or their agent's own.

    The ticket's last claim decides whose work it is, also after it has ended.
    """
    if not board.review:
        return
    last_claim = board.tx.one(claims.LAST_ATTEMPT, ticket_id=row["id"])
    is_own_work = (last_claim is not None and _made_attempt(actor, last_claim)) or (
        row["claim_holder"] and may_write_as_holder(actor, row)
    )
    if is_own_work and not board.forced_by(actor):
        release_fix = "Release it into a waiting column, with a note for who reviews it."
        raise Refusal(
            "review-required",
            f"On this board somebody else moves ticket {row['id']} into a done column.",
            fix=release_fix if row["claim_holder"] else "Ask somebody else to look at it and to move it there.",
            ticket_id=row["id"],
            held_by=row["claim_holder"],
        )


def already_claimed(board: LockedBoard, row: Row, *, fix: str) -> Refusal:
    """Build the refusal `already-claimed`, with the holder and the lease's end."""
    expires_at = row["claim_expires_at"]
    until_text = f" until {expires_at}" if expires_at else ""
    detail = f"{row['claim_holder']} holds ticket {row['id']}{until_text}."
    facts = {"ticket_id": row["id"], "held_by": row["claim_holder"], "expires_at": expires_at}
    return Refusal("already-claimed", detail, fix=fix, **facts)


def is_claimed(board: LockedBoard, row: Row) -> bool:
    """Whether somebody holds the ticket now. An expired lease counts as ended even before its event is recorded."""
    if row["claim_holder"] is None:
        return False
    return row["claim_expires_at"] is None or bool(row["claim_expires_at"] > board.now)


def has_claim_token(actor: Actor, row: Row) -> bool:
    """Whether the request has the lease token of the ticket's claim, and the token is valid for the actor.

    The token is not a credential: members of a board see each other's tokens. On a server with users it is valid for
    the holder, and between a person and that person's agents.
    """
    if actor.lease != leases.format_token(row["id"], row["claim_number"]):
        return False
    return actor.id is None or is_holder(actor, row) or actor.person_id == row["claim_seat"]


def may_write_as_holder(actor: Actor, row: Row) -> bool:
    """Whether the actor may write on the ticket as its holder, by identity or by lease token."""
    return is_holder(actor, row) or has_claim_token(actor, row)


def is_holder(actor: Actor, row: Row) -> bool:
    """Whether the actor made the claim: by user id, or by name if the claim has no user id (open mode)."""
    if actor.id is not None and row["claim_user_id"] is not None:
        return bool(actor.id == row["claim_user_id"])
    return actor.is_named and row["claim_holder"] in actor.names


def _made_attempt(actor: Actor, attempt: Row) -> bool:
    """Whether the actor's person, or one of that person's agents, made this claim."""
    if actor.person_id is not None and attempt["seat"] is not None:
        return bool(actor.person_id == attempt["seat"])
    return actor.is_named and attempt["holder"] in actor.names


def build_lease(board: LockedBoard, row: Row) -> Lease:
    """Build the lease that the holder receives."""
    token = leases.format_token(row["id"], row["claim_number"])
    return Lease(token, row["claim_holder"], leases.seconds_left(board.now, row["claim_expires_at"]))
