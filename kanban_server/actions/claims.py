"""Claims: one ticket, one holder. A claim has a number of its own, up with each claim of its ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kanban_sdk.wire.bodies import Claiming, Release, Renewal
from kanban_sdk.wire.tickets import Claim, Ticket
from kanban_server.actions import dependencies, holding, requirements
from kanban_server.actions.landing import has_room, land, make_room, neighbours
from kanban_server.actions.writing import identity, touched
from kanban_server.rules import leases, texts
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, claims, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Row, Transaction


def claim_base(tx: Transaction, actor: Actor, ticket_id: int) -> Ticket:
    """The base form: excludes other claims and assigns; never expires, moves nothing, guards no other write."""
    board = boards.lock_of_ticket(tx, ticket_id)
    actor = replace(actor, force=False)
    row = _free(board, actor, ticket_id)
    check_user_limit(board, actor)
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
    before = row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] and holding.lives(board, row) and holding.bears(actor, row):
        return holding.renewed(board, row, seconds if ask.lease_seconds is not None else row["claim_seconds"])
    row = _free(board, actor, ticket_id)
    check_user_limit(board, actor)
    ticket = tickets.seen(row, board.columns)
    moved = _to_working(board, actor, ticket)
    back = row["column_id"]
    if moved is ticket:  # who takes over hands back to where the first holder had it from
        back = before["claim_from_column"] if before["claim_to_column"] == row["column_id"] else None
    return _take(board, actor, tickets.read(board.tx, ticket_id), moved, seconds=seconds, back=back)


def renew(tx: Transaction, actor: Actor, ticket_id: int, ask: Renewal) -> Ticket:
    """Make a lease last longer from now. Refused: `lease-lost` where it is not one's own any longer."""
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.standing(board.tx, ticket_id)
    if not (row["claim_holder"] and holding.lives(board, row)):
        raise Refusal(
            "lease-lost", f"Nobody holds ticket {ticket_id}.", fix="Claim it anew.", ticket_id=ticket_id, held_by=None
        )
    if not holding.holds(actor, row):
        raise holding.held_by_another(board, row, fix="Only its holder renews a claim.")
    return holding.renewed(
        board, row, row["claim_seconds"] if ask.lease_seconds is None else leases.length(ask.lease_seconds)
    )


def release(tx: Transaction, actor: Actor, ticket_id: int, ask: Release) -> Ticket:
    """End a claim, with a note for who comes next. The ticket goes back to where it came from, or to `column`."""
    actor = actor.forcing(ask.force)
    board = boards.lock_of_ticket(tx, ticket_id)
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return tickets.on(board, ticket_id)
    if not holding.lives(board, row):
        return holding.expire(board, row)
    own = holding.holds(actor, row)
    if not (own or board.forced_by(actor)):
        raise holding.held_by_another(
            board, row, fix="Only its holder releases a claim; send `force` to end it all the same."
        )
    note = texts.text(ask.note, "note")
    ticket = tickets.on(board, ticket_id)
    if ask.column is not None:
        column = board.column(ask.column)
        if column.role == "done":
            holding.check_review(board, actor, row)
        if column.name != ticket.current_column:
            make_room(board, column, force=actor.force)
            requirements.check_move(board, actor, ticket, column)
            ticket = land(board, actor, ticket, column, neighbours(board, ticket.id, column))
            requirements.warn(board, ticket)
    else:
        ticket = holding.back(board, actor, ticket, row)
    ended = holding.end(board, actor, ticket, "released" if own else "forced", note=note)
    dependencies.settle(board, actor, ended)
    return ended


def check_user_limit(board: LockedBoard, actor: Actor) -> None:
    """Refused: `user-limit`, where the user holds as many tickets of the board as may be."""
    if board.wip_per_user is None:
        return
    held = sum(claims.held_by(board.tx, board.id, name, board.now) for name in actor.names)
    if held >= board.wip_per_user and not board.forced_by(actor):
        raise Refusal(
            "user-limit",
            f"{actor.name} holds {held} of at most {board.wip_per_user} tickets.",
            fix="Finish or release one first.",
            limit=board.wip_per_user,
            held=held,
        )


def _free(board: LockedBoard, actor: Actor, ticket_id: int) -> Row:
    """The row of a ticket that nobody holds, or that is taken from its holder."""
    if not actor.named:
        raise Refusal("name-required", "A claim needs a name.", fix="Say who claims, in `agent_id` or X-Kanban-User.")
    row = tickets.standing(board.tx, ticket_id)
    if row["claim_holder"] is None:
        return row
    if not holding.lives(board, row):
        holding.expire(board, row)
    elif board.forced_by(actor):
        holding.end(board, actor, tickets.on(board, ticket_id), "forced")
    else:
        raise holding.held_by_another(board, row, fix="Take another ticket, or ask the holder in a comment.")
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
    number = max(row["claim_number"] + 1, board.claim_floor)
    ends = leases.end(board.now, seconds)
    held = ticket.but(
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
        "claim_user_id": actor.id,
        "claim_seat": actor.seat,
        "assignee": held.assignee,
        "assigned_by": held.assigned_by,
        "updated_by": held.updated_by,
        "updated_at": held.updated_at,
        "version": held.version,
    }
    claims.write(board.tx, row, **changed)
    board.recount(ticket, held)
    attempt = {"ticket_id": ticket.id, "number": number, "holder": actor.name, "seat": actor.seat}
    board.tx.run(claims.BEGIN, **attempt, claimed_at=board.now)
    data = {**identity(held), "claim": held.claim, "assignee": held.assignee, "assigned_by": held.assigned_by}
    data |= {"claimed_by": actor.name, "from_assignee": ticket.assignee, "expires_at": ends}
    board.record(actor, "ticket_claimed", data, ticket_id=ticket.id)
    dependencies.settle(board, actor, held)
    return held if seconds is None else held.but(lease=holding.lease_of(board, {**row, **changed}))
