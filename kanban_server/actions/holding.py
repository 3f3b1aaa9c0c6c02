"""Who holds a ticket, and what that means for whoever changes it.

Every change of a ticket that exists goes through `writable`; whoever lost a claim can't write under its token.
"""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Lease, Ticket
from kanban_server.actions import dependencies
from kanban_server.actions.landing import land, neighbours
from kanban_server.actions.writing import identity, touched, write_edit
from kanban_server.rules import leases
from kanban_server.rules.names import THE_SYSTEM, Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, claims, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Reading, Row, Transaction


def check_lease(tx: Transaction, actor: Actor) -> None:
    """A change under a token takes place only while that claim lives, whatever the change is.

    Refused: `lease-lost`, and `already-claimed` where the claim is somebody else's (`bears`), with `force` too.
    """
    if actor.lease is None:
        return
    ticket_id, number = leases.read_token(actor.lease)
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.read(tx, ticket_id, deleted=True)
    if not row["deleted_at"] and lives(board, row) and row["claim_number"] == number:
        if not bears(actor, row):
            fix = "Leave the token out: it counts for the holder, and for the agents of the same person, only."
            raise held_by_another(board, row, fix=fix)
        return
    holder = row["claim_holder"] if lives(board, row) else None
    raise Refusal(
        "lease-lost",
        f"The claim {actor.lease} has ended" + (f"; {holder} holds ticket {ticket_id} now." if holder else "."),
        fix="Stop the work on this ticket, look at it, and claim it anew if it is free.",
        ticket_id=ticket_id,
        held_by=holder,
    )


def writable(board: LockedBoard, actor: Actor, ticket_id: int) -> Ticket:
    """The ticket, for a change by this actor: a holder's change renews its lease. Refused: `already-claimed`."""
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] is not None and not lives(board, row):
        return expire(board, row)
    if row["claim_seconds"] is not None:  # a claim of the base form guards no other write
        if holds(actor, row):
            renewed(board, row, row["claim_seconds"])
        elif not board.forced_by(actor):
            fix = "Wait for its end, take another ticket, or send `force` where that is meant."
            raise held_by_another(board, row, fix=fix)
    return tickets.seen(row, board.columns)


def renew_own(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """A write of the holder, of a kind that is free to all, renews the lease too."""
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_seconds"] and lives(board, row) and holds(actor, row):
        renewed(board, row, row["claim_seconds"])


def renewed(board: LockedBoard, row: Row, seconds: int | None) -> Ticket:
    """The ticket, its lease lasting so many seconds from now."""
    ends = leases.end(board.now, seconds)
    board.tx.run(claims.RENEW, ticket_id=row["id"], claim_expires_at=ends, claim_seconds=seconds)
    ticket = tickets.seen(row, board.columns)
    return ticket.but(lease=lease_of(board, {**row, "claim_expires_at": ends}))


def end(board: LockedBoard, actor: Actor, ticket: Ticket, reason: str, *, note: str | None = None) -> Ticket:
    """End the claim of a ticket, and tell why: released, lease_expired, done or forced."""
    assert ticket.claim is not None
    row = tickets.read(board.tx, ticket.id)
    kept = ticket.assignee
    if reason in {"released", "lease_expired", "forced"} and row["claim_seconds"] is not None:
        kept = row["claim_from_assignee"] if ticket.assignee == ticket.claim.holder else ticket.assignee
    given = ticket.assigned_by if kept else None
    free = ticket.but(claim=None, lease=None, assignee=kept, assigned_by=given, **touched(board, actor, ticket))
    claims.write(
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
        assignee=kept,
        assigned_by=given,
        updated_by=free.updated_by,
        updated_at=free.updated_at,
        version=free.version,
    )
    board.recount(ticket, free)
    board.tx.run(
        claims.END,
        of_ticket=ticket.id,
        of_number=ticket.claim.number,
        ended_at=board.now,
        reason=reason,
        note=note,
    )
    data = {**identity(free), "reason": reason, "claim": None, "holder": ticket.claim.holder}
    data |= {"assignee": kept, "from_assignee": ticket.assignee, "assigned_by": given}
    board.record(actor, "ticket_released", {**data, "note": note} if note else data, ticket_id=ticket.id)
    return free


def expire(board: LockedBoard, row: Row) -> Ticket:
    """A lease ran out: the ticket goes back; after three times, people have to look at it."""
    ticket = back(board, THE_SYSTEM, tickets.on(board, row["id"]), row)
    ticket = end(board, THE_SYSTEM, ticket, "lease_expired")
    dependencies.settle(board, THE_SYSTEM, ticket)
    if row["expiries"] + 1 >= limits.EXPIRIES and limits.NEEDS_HUMAN not in ticket.labels:
        ticket = write_edit(board, THE_SYSTEM, ticket, {"labels": [*ticket.labels, limits.NEEDS_HUMAN]})
    return ticket


def expire_overdue(board: LockedBoard) -> int:
    """End the leases of a board that ran out, and count them."""
    overdue = board.tx.all(claims.OVERDUE, board_id=board.id, now=board.now)
    for row in overdue:
        expire(board, tickets.read(board.tx, row["id"]))
    return len(overdue)


def reap(tx: Transaction, board_id: int) -> int:
    """What the server does by itself every few seconds."""
    return expire_overdue(boards.lock(tx, board_id))


def overdue(tx: Reading) -> list[int]:
    """The boards with leases that ran out, by the database's clock."""
    return [row["board_id"] for row in tx.all(claims.BOARDS_OVERDUE, now=tx.now())]


def back(board: LockedBoard, actor: Actor, ticket: Ticket, row: Row) -> Ticket:
    """The ticket where it came from, unless it was moved since the claim, or there is no such column any longer."""
    origin: Column | None = next((one for one in board.columns if one.id == row["claim_from_column"]), None)
    if origin is None or board.column(ticket.current_column).id != row["claim_to_column"]:
        return ticket
    return land(board, actor, ticket, origin, neighbours(board, ticket.id, origin))


def check_review(board: LockedBoard, actor: Actor, row: Row) -> None:
    """Refused: `review-required`, where the board lets nobody accept what they, or an agent of theirs, did.

    The ticket's last claim tells whose work it is, also after it has ended.
    """
    if not board.review:
        return
    last = board.tx.one(claims.LAST, ticket_id=row["id"])
    own = (last is not None and _did(actor, last)) or (row["claim_holder"] and holds(actor, row))
    if own and not board.forced_by(actor):
        release = "Release it into a waiting column, with a note for who reviews it."
        raise Refusal(
            "review-required",
            f"On this board somebody else moves ticket {row['id']} into a done column.",
            fix=release if row["claim_holder"] else "Ask somebody else to look at it and to move it there.",
            ticket_id=row["id"],
            held_by=row["claim_holder"],
        )


def held_by_another(board: LockedBoard, row: Row, *, fix: str) -> Refusal:
    """Refused: `already-claimed`, with who holds the ticket, and until when."""
    ends = row["claim_expires_at"]
    until = f" until {ends}" if ends else ""
    detail = f"{row['claim_holder']} holds ticket {row['id']}{until}."
    facts = {"ticket_id": row["id"], "held_by": row["claim_holder"], "expires_at": ends}
    return Refusal("already-claimed", detail, fix=fix, **facts)


def lives(board: LockedBoard, row: Row) -> bool:
    """Whether somebody holds the ticket now: a lease that ran out has ended, told or not."""
    if row["claim_holder"] is None:
        return False
    return row["claim_expires_at"] is None or bool(row["claim_expires_at"] > board.now)


def bears(actor: Actor, row: Row) -> bool:
    """Whether the change bears the token of the ticket's claim, and the token counts for the actor.

    It is no key: members of a board see each other's tokens. With users it counts for the holder, and between a person
    and the agents of that person.
    """
    if actor.lease != leases.token(row["id"], row["claim_number"]):
        return False
    return actor.id is None or is_holder(actor, row) or actor.seat == row["claim_seat"]


def holds(actor: Actor, row: Row) -> bool:
    """Whether the actor may write on the ticket as its holder, by name or by token."""
    return is_holder(actor, row) or bears(actor, row)


def is_holder(actor: Actor, row: Row) -> bool:
    """Whether the actor made the claim: by the user's id, or by the name where the claim has none (open mode)."""
    if actor.id is not None and row["claim_user_id"] is not None:
        return bool(actor.id == row["claim_user_id"])
    return actor.named and row["claim_holder"] in actor.names


def _did(actor: Actor, attempt: Row) -> bool:
    """Whether the actor's person made this claim, or one of that person's agents."""
    if actor.seat is not None and attempt["seat"] is not None:
        return bool(actor.seat == attempt["seat"])
    return actor.named and attempt["holder"] in actor.names


def lease_of(board: LockedBoard, row: Row) -> Lease:
    """What the holder is given."""
    token = leases.token(row["id"], row["claim_number"])
    return Lease(token, row["claim_holder"], leases.left(board.now, row["claim_expires_at"]))
