"""Claims: one ticket, one holder. A claim has a number of its own, and whoever lost it can't write under it.

Every change of a ticket that exists goes through `writable`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Claiming, Release, Renewal
from kanban_sdk.wire.tickets import Claim, Lease, Ticket
from kanban_server.actions import dependencies
from kanban_server.actions.landing import has_room, land, make_room, neighbours
from kanban_server.actions.writing import identity, touched, write_edit
from kanban_server.rules import leases, texts
from kanban_server.rules.names import THE_SYSTEM, Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, claims, tickets
from kanban_server.store.boards import LockedBoard
from kanban_server.store.transaction import Reading, Row, Transaction


def check_lease(tx: Transaction, actor: Actor) -> None:
    """A change under a token takes place only while that claim lives, whatever the change is. Refused: `lease-lost`."""
    if actor.lease is None:
        return
    ticket_id, number = leases.read_token(actor.lease)
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.read(tx, ticket_id, deleted=True)
    if not row["deleted_at"] and _lives(board, row) and row["claim_number"] == number:
        return
    holder = row["claim_holder"] if _lives(board, row) else None
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
    if row["claim_holder"] is None:
        return tickets.on(board, ticket_id)
    if not _lives(board, row):
        return _expire(board, row)
    if row["claim_seconds"] is None:
        return tickets.on(board, ticket_id)  # the base form guards no other write
    if _holds(actor, row):
        _renew(board, row, row["claim_seconds"])
    elif not board.forced_by(actor):
        raise _held(board, row, fix="Wait for its end, take another ticket, or send `force` where that is meant.")
    return tickets.on(board, ticket_id)


def renew_own(board: LockedBoard, actor: Actor, ticket_id: int) -> None:
    """A write of the holder, of a kind that is free to all, renews the lease too."""
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_seconds"] and _lives(board, row) and _holds(actor, row):
        _renew(board, row, row["claim_seconds"])


def claim_base(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """The base form: excludes other claims and assigns; never expires, moves nothing, guards no other write."""
    board = boards.lock_of_ticket(tx, ticket_id)
    row = _free(board, replace(actor, force=False), ticket_id)
    return _take(board, actor, row, tickets.seen(row, board.columns), seconds=None, back=None)


def claim(tx: Transaction, actor: Actor, ticket_id: int, ask: Claiming) -> Ticket:
    """Hold a ticket for as long as the lease lasts: exactly one of those who try at once wins.

    The ticket moves to the first working column where there is room. Refused: `name-required`, `already-claimed`,
    `column-full`, `user-limit`.
    """
    board = boards.lock_of_ticket(tx, ticket_id)
    return claim_on(board, actor, ticket_id, ask)


def claim_on(board: LockedBoard, actor: Actor, ticket_id: int, ask: Claiming) -> Ticket:
    """Claim a ticket of a board that is locked."""
    actor = actor.forcing(ask.force)
    seconds = leases.length(ask.lease_seconds)
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] and _lives(board, row) and _bears(actor, row):
        return _renew(board, row, seconds if ask.lease_seconds is not None else row["claim_seconds"])
    row = _free(board, actor, ticket_id)
    check_user_limit(board, actor)
    ticket = tickets.seen(row, board.columns)
    moved = _to_working(board, actor, ticket)
    back = None if moved is ticket else row["column_id"]
    return _take(board, actor, tickets.read(board.tx, ticket_id), moved, seconds=seconds, back=back)


def renew(tx: Transaction, actor: Actor, ticket_id: int, ask: Renewal) -> Ticket:
    """Make a lease last longer from now. Refused: `lease-lost` where it is not one's own any longer."""
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.standing(board.tx, ticket_id)
    if not (row["claim_holder"] and _lives(board, row)):
        raise Refusal(
            "lease-lost", f"Nobody holds ticket {ticket_id}.", fix="Claim it anew.", ticket_id=ticket_id, held_by=None
        )
    if not _holds(actor, row):
        raise _held(board, row, fix="Only its holder renews a claim.")
    return _renew(board, row, row["claim_seconds"] if ask.lease_seconds is None else leases.length(ask.lease_seconds))


def release(tx: Transaction, actor: Actor, ticket_id: int, ask: Release) -> Ticket:
    """End a claim, with a note for who comes next. The ticket goes back to where it came from, or to `column`."""
    actor = actor.forcing(ask.force)
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return tickets.on(board, ticket_id)
    if not _lives(board, row):
        return _expire(board, row)
    own = _holds(actor, row)
    if not (own or board.forced_by(actor)):
        raise _held(board, row, fix="Only its holder releases a claim; send `force` to end it all the same.")
    note = texts.text(ask.note, "note")
    ticket = tickets.on(board, ticket_id)
    if ask.column is not None:
        column = board.column(ask.column)
        if column.role == "done":
            check_review(board, actor, row)
        if column.name != ticket.current_column:
            make_room(board, column, force=actor.force)
            ticket = land(board, actor, ticket, column, neighbours(board, ticket.id, column))
    else:
        ticket = _back(board, actor, ticket, row)
    ended = end(board, actor, ticket, "released" if own else "forced", note=note)
    dependencies.settle(board, actor, ended)
    return ended


def end(board: LockedBoard, actor: Actor, ticket: Ticket, reason: str, *, note: str | None = None) -> Ticket:
    """End the claim of a ticket, and tell why: released, lease_expired, done or forced."""
    assert ticket.claim is not None
    row = tickets.read(board.tx, ticket.id)
    kept = ticket.assignee
    if reason in {"released", "lease_expired", "forced"} and row["claim_seconds"] is not None:
        kept = row["claim_from_assignee"] if ticket.assignee == ticket.claim.holder else ticket.assignee
    free = replace(ticket, claim=None, lease=None, assignee=kept, **touched(board, actor, ticket))
    claims.write(
        board.tx,
        row,
        claim_holder=None,
        claim_seconds=None,
        claim_expires_at=None,
        claim_from_column=None,
        claim_to_column=None,
        claim_from_assignee=None,
        expiries=row["expiries"] + 1 if reason == "lease_expired" else 0,
        assignee=kept,
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
    data = {**identity(free), "reason": reason, "claim": None, "holder": ticket.claim.holder, "assignee": kept}
    board.record(actor, "ticket_released", {**data, "note": note} if note else data, ticket_id=ticket.id)
    return free


def expire_overdue(board: LockedBoard) -> int:
    """End the leases of a board that ran out, and count them."""
    overdue = board.tx.all(claims.OVERDUE, board_id=board.id, now=board.now)
    for row in overdue:
        _expire(board, tickets.read(board.tx, row["id"]))
    return len(overdue)


def reap(tx: Transaction, board_id: int) -> int:
    """What the server does by itself every few seconds."""
    return expire_overdue(boards.lock(tx, board_id))


def overdue(tx: Reading) -> list[int]:
    """The boards with leases that ran out, by the database's clock."""
    return [row["board_id"] for row in tx.all(claims.BOARDS_OVERDUE, now=tx.now())]


def check_review(board: LockedBoard, actor: Actor, row: Row) -> None:
    """Refused: `review-required`, where the board lets nobody accept what they did themselves."""
    if board.review and row["claim_holder"] and _holds(actor, row) and not board.forced_by(actor):
        raise Refusal(
            "review-required",
            f"On this board somebody else moves ticket {row['id']} into a done column.",
            fix="Release it into a waiting column, with a note for who reviews it.",
            ticket_id=row["id"],
        )


def check_user_limit(board: LockedBoard, actor: Actor) -> None:
    """Refused: `user-limit`, where the user holds as many tickets of the board as may be."""
    if board.wip_per_user is None:
        return
    held = board.tx.value(claims.HELD_BY, board_id=board.id, holder=actor.name)
    if held >= board.wip_per_user and not board.forced_by(actor):
        raise Refusal(
            "user-limit",
            f"{actor.name} holds {held} of at most {board.wip_per_user} tickets.",
            fix="Finish or release one first.",
            limit=board.wip_per_user,
            held=held,
        )


def lease_of(board: LockedBoard, row: Row) -> Lease:
    """What the holder is given."""
    token = leases.token(row["id"], row["claim_number"])
    return Lease(token, row["claim_holder"], leases.left(board.now, row["claim_expires_at"]))


def _lives(board: LockedBoard, row: Row) -> bool:
    if row["claim_holder"] is None:
        return False
    return row["claim_expires_at"] is None or bool(row["claim_expires_at"] > board.now)


def _bears(actor: Actor, row: Row) -> bool:
    return actor.lease == leases.token(row["id"], row["claim_number"])


def _holds(actor: Actor, row: Row) -> bool:
    return _bears(actor, row) or (actor.named and actor.name == row["claim_holder"])


def _held(board: LockedBoard, row: Row, *, fix: str) -> Refusal:
    ends = row["claim_expires_at"]
    until = f" until {ends}" if ends else ""
    detail = f"{row['claim_holder']} holds ticket {row['id']}{until}."
    facts = {"ticket_id": row["id"], "held_by": row["claim_holder"], "expires_at": ends}
    return Refusal("already-claimed", detail, fix=fix, **facts)


def _free(board: LockedBoard, actor: Actor, ticket_id: int) -> Row:
    """The row of a ticket that nobody holds, or that is taken from its holder."""
    if not actor.named:
        raise Refusal("name-required", "A claim needs a name.", fix="Say who claims, in `agent_id` or X-Kanban-User.")
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return row
    if not _lives(board, row):
        _expire(board, row)
    elif board.forced_by(actor):
        end(board, actor, tickets.on(board, ticket_id), "forced")
    else:
        raise _held(board, row, fix="Take another ticket, or ask the holder in a comment.")
    return tickets.read(board.tx, ticket_id)


def _to_working(board: LockedBoard, actor: Actor, ticket: Ticket) -> Ticket:
    """The ticket, moved to the first working column where there is room, unless it is in one already."""
    working = [column for column in board.columns if column.role == "working"]
    if not working or board.column(ticket.current_column).role == "working":
        return ticket
    column = next((column for column in working if has_room(board, column)), working[0])
    make_room(board, column, force=actor.force)
    return land(board, actor, ticket, column, neighbours(board, ticket.id, column))


def _take(
    board: LockedBoard, actor: Actor, row: Row, ticket: Ticket, *, seconds: int | None, back: int | None
) -> Ticket:
    number = row["claim_number"] + 1
    ends = leases.end(board.now, seconds)
    held = replace(
        ticket,
        claim=Claim(actor.name, number),
        assignee=actor.name,
        assigned_by=actor.name,
        **touched(board, actor, ticket),
    )
    changed: dict[str, Any] = {
        "claim_holder": actor.name,
        "claim_number": number,
        "claim_seconds": seconds,
        "claim_expires_at": ends,
        "claim_from_column": back,
        "claim_to_column": board.column(held.current_column).id if back is not None else None,
        "claim_from_assignee": ticket.assignee,
        "assignee": held.assignee,
        "assigned_by": held.assigned_by,
        "updated_by": held.updated_by,
        "updated_at": held.updated_at,
        "version": held.version,
    }
    claims.write(board.tx, row, **changed)
    board.recount(ticket, held)
    board.tx.run(claims.BEGIN, ticket_id=ticket.id, number=number, holder=actor.name, claimed_at=board.now)
    data = {**identity(held), "claim": held.claim, "assignee": held.assignee, "assigned_by": held.assigned_by}
    data |= {"claimed_by": actor.name, "from_assignee": ticket.assignee, "expires_at": ends}
    board.record(actor, "ticket_claimed", data, ticket_id=ticket.id)
    dependencies.settle(board, actor, held)
    return held if seconds is None else replace(held, lease=lease_of(board, {**row, **changed}))


def _renew(board: LockedBoard, row: Row, seconds: int | None) -> Ticket:
    ends = leases.end(board.now, seconds)
    board.tx.run(claims.RENEW, ticket_id=row["id"], claim_expires_at=ends, claim_seconds=seconds)
    ticket = tickets.on(board, row["id"])
    return replace(ticket, lease=lease_of(board, {**row, "claim_expires_at": ends}))


def _expire(board: LockedBoard, row: Row) -> Ticket:
    """A lease ran out: the ticket goes back; after three times, people have to look at it."""
    ticket = _back(board, THE_SYSTEM, tickets.on(board, row["id"]), row)
    ticket = end(board, THE_SYSTEM, ticket, "lease_expired")
    dependencies.settle(board, THE_SYSTEM, ticket)
    if row["expiries"] + 1 >= limits.EXPIRIES and limits.NEEDS_HUMAN not in ticket.labels:
        ticket = write_edit(board, THE_SYSTEM, ticket, {"labels": [*ticket.labels, limits.NEEDS_HUMAN]})
    return ticket


def _back(board: LockedBoard, actor: Actor, ticket: Ticket, row: Row) -> Ticket:
    """The ticket where it came from, unless it was moved since the claim, or there is no such column any longer."""
    origin: Column | None = next((one for one in board.columns if one.id == row["claim_from_column"]), None)
    if origin is None or board.column(ticket.current_column).id != row["claim_to_column"]:
        return ticket
    return land(board, actor, ticket, origin, neighbours(board, ticket.id, origin))
