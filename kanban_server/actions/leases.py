"""Who holds a ticket, and what that means for whoever changes it.

Every change of a ticket that exists goes through `require_writable`; whoever lost a claim can't write under its token.
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
    """A change under a token takes place only while that claim lives, whatever the change is.

    Refused: `lease-lost`, and `already-claimed` where the claim is somebody else's, with `force` too.
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
    """The ticket, for a change by this actor: a holder's change renews its lease. Refused: `already-claimed`."""
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] is not None and not is_claimed(board, row):
        return expire_claim(board, row)
    if row["claim_seconds"] is not None:  # a claim of the base form guards no other write
        if may_write_as_holder(actor, row):
            renew(board, row, row["claim_seconds"])
        elif not board.forced_by(actor):
            fix = "Wait for its end, take another ticket, or send `force` where that is meant."
            raise already_claimed(board, row, fix=fix)
    return tickets.to_wire(row, board.columns)


def renew_if_holder(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """A write of the holder, of a kind that is free to all, renews the lease too."""
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_seconds"] and is_claimed(board, row) and may_write_as_holder(actor, row):
        renew(board, row, row["claim_seconds"])


def renew(board: LockedBoard, row: Row, seconds: int | None) -> Ticket:
    """The ticket, its lease lasting so many seconds from now."""
    expires_at = leases.lease_end(board.now, seconds)
    board.tx.run(claims.RENEW_LEASE, ticket_id=row["id"], claim_expires_at=expires_at, claim_seconds=seconds)
    ticket = tickets.to_wire(row, board.columns)
    return ticket.but(lease=build_lease(board, {**row, "claim_expires_at": expires_at}))


def end_claim(board: LockedBoard, actor: Actor, ticket: Ticket, reason: str, *, note: str | None = None) -> Ticket:
    """End the claim of a ticket, and tell why: released, lease_expired, done or forced."""
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
    """A lease ran out: the ticket goes back; after three times, people have to look at it."""
    ticket = move_back(board, SYSTEM_ACTOR, tickets.read_on_board(board, row["id"]), row)
    ticket = end_claim(board, SYSTEM_ACTOR, ticket, "lease_expired")
    dependencies.update_dependents(board, SYSTEM_ACTOR, ticket)
    if row["expiries"] + 1 >= limits.EXPIRIES and limits.NEEDS_HUMAN not in ticket.labels:
        ticket = update_fields(board, SYSTEM_ACTOR, ticket, {"labels": [*ticket.labels, limits.NEEDS_HUMAN]})
    return ticket


def expire_overdue_claims(board: LockedBoard) -> int:
    """End the leases of a board that ran out, and count them."""
    rows = board.tx.all(claims.EXPIRED_ON_BOARD, board_id=board.id, now=board.now)
    for row in rows:
        expire_claim(board, tickets.read_row(board.tx, row["id"]))
    return len(rows)


def expire_board_claims(tx: Transaction, board_id: int) -> int:
    """What the server does by itself every few seconds."""
    return expire_overdue_claims(boards.lock(tx, board_id))


def boards_with_overdue_claims(tx: ReadTransaction) -> list[int]:
    """The boards with leases that ran out, by the database's clock."""
    return [row["board_id"] for row in tx.all(claims.BOARDS_WITH_EXPIRED, now=tx.now())]


def move_back(board: LockedBoard, actor: Actor, ticket: Ticket, row: Row) -> Ticket:
    """The ticket where it came from, unless it was moved since the claim, or there is no such column any longer."""
    origin: Column | None = next((column for column in board.columns if column.id == row["claim_from_column"]), None)
    if origin is None or board.column(ticket.current_column).id != row["claim_to_column"]:
        return ticket
    return place_ticket(board, actor, ticket, origin, find_neighbours(board, ticket.id, origin))


def check_review(board: LockedBoard, actor: Actor, row: Row) -> None:
    """Refused: `review-required`, where the board lets nobody accept what they, or an agent of theirs, did.

    The ticket's last claim tells whose work it is, also after it has ended.
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
    """Refused: `already-claimed`, with who holds the ticket, and until when."""
    expires_at = row["claim_expires_at"]
    until_text = f" until {expires_at}" if expires_at else ""
    detail = f"{row['claim_holder']} holds ticket {row['id']}{until_text}."
    facts = {"ticket_id": row["id"], "held_by": row["claim_holder"], "expires_at": expires_at}
    return Refusal("already-claimed", detail, fix=fix, **facts)


def is_claimed(board: LockedBoard, row: Row) -> bool:
    """Whether somebody holds the ticket now: a lease that ran out has ended, told or not."""
    if row["claim_holder"] is None:
        return False
    return row["claim_expires_at"] is None or bool(row["claim_expires_at"] > board.now)


def has_claim_token(actor: Actor, row: Row) -> bool:
    """Whether the change bears the token of the ticket's claim, and the token counts for the actor.

    It is no key: members of a board see each other's tokens. With users it counts for the holder, and between a person
    and the agents of that person.
    """
    if actor.lease != leases.format_token(row["id"], row["claim_number"]):
        return False
    return actor.id is None or is_holder(actor, row) or actor.person_id == row["claim_seat"]


def may_write_as_holder(actor: Actor, row: Row) -> bool:
    """Whether the actor may write on the ticket as its holder, by name or by token."""
    return is_holder(actor, row) or has_claim_token(actor, row)


def is_holder(actor: Actor, row: Row) -> bool:
    """Whether the actor made the claim: by the user's id, or by the name where the claim has none (open mode)."""
    if actor.id is not None and row["claim_user_id"] is not None:
        return bool(actor.id == row["claim_user_id"])
    return actor.is_named and row["claim_holder"] in actor.names


def _made_attempt(actor: Actor, attempt: Row) -> bool:
    """Whether the actor's person made this claim, or one of that person's agents."""
    if actor.person_id is not None and attempt["seat"] is not None:
        return bool(actor.person_id == attempt["seat"])
    return actor.is_named and attempt["holder"] in actor.names


def build_lease(board: LockedBoard, row: Row) -> Lease:
    """What the holder is given."""
    token = leases.format_token(row["id"], row["claim_number"])
    return Lease(token, row["claim_holder"], leases.seconds_left(board.now, row["claim_expires_at"]))
