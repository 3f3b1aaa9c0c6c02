"""Leases: who holds a ticket, and who may write on it.

Every change of an existing ticket calls `require_writable`. A write under the token of a lost claim is refused.
"""

from __future__ import annotations

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Lease, Ticket
from kanban_server.actions.audit_fields import audit_fields, identity_fields, update_fields
from kanban_server.actions.placement import has_room, place_in_column
from kanban_server.rules import leases, timestamps
from kanban_server.rules.actors import SYSTEM_ACTOR, Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, claims, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_NEVER = "9999"
"""Later than any time at which a lease ends."""


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


def require_writable(board: LockedBoard, actor: Actor, ticket_id: int) -> TicketRow:
    """Return the ticket for a change by this actor. A holder's change renews the lease. Refused: `already-claimed`."""
    row = tickets.active_row(board.tx, ticket_id)
    if row["claim_holder"] is not None and not is_claimed(board, row):
        expire_claim(board, row)
    elif row["claim_seconds"] is not None:  # a claim without a lease prevents no other write
        if may_write_as_holder(actor, row):
            renew(board, row, row["claim_seconds"])
        elif not board.forced_by(actor):
            fix = "Wait for its end, take another ticket, or send `force` where that is meant."
            raise already_claimed(board, row, fix=fix)
    if has_answer(row) and may_write_as_holder(actor, row):
        board.update_ticket(row, question_from_column=None)
    return row


def renew_if_holder(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Renew the lease if the actor is the holder. For writes that do not need a claim, such as comments."""
    if row["claim_seconds"] and is_claimed(board, row) and may_write_as_holder(actor, row):
        renew(board, row, row["claim_seconds"])


def renew(board: LockedBoard, row: TicketRow, seconds: int | None) -> None:
    """Renew the lease to last `seconds` from now."""
    board.update_ticket(row, claim_expires_at=leases.lease_end(board.now, seconds), claim_seconds=seconds)


def end_claim(board: LockedBoard, actor: Actor, row: TicketRow, reason: str, *, note: str | None = None) -> None:
    """End the claim of a ticket and record it. `reason` is released, lease_expired, done or forced."""
    holder, number, old_assignee = row["claim_holder"], row["claim_number"], row["assignee"]
    assert holder is not None
    assignee = old_assignee
    if reason != "done" and row["claim_seconds"] is not None and old_assignee == holder:
        assignee = row["claim_from_assignee"]
    is_asked = row["open_question"] is not None
    board.update_ticket(
        row,
        question_from_column=_column_before_question(row) if is_asked else None,
        question_to_column=row["question_to_column"] if is_asked else None,
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
        assigned_by=row["assigned_by"] if assignee else None,
        **audit_fields(board, actor, row),
    )
    ended = {"ended_at": board.now, "reason": reason, "note": note}
    board.tx.enqueue(claims.END_ATTEMPT, {"of_ticket_id": row["id"], "of_number": number, **ended})
    data = {**identity_fields(row), "reason": reason, "claim": None, "holder": holder}
    data |= {"assignee": assignee, "from_assignee": old_assignee, "assigned_by": row["assigned_by"]}
    board.record(actor, "ticket_released", {**data, "note": note} if note else data, ticket_id=row["id"])


def end_claim_in_done_column(board: LockedBoard, actor: Actor, row: TicketRow, *, note: str | None = None) -> None:
    """End the claim of a ticket that was moved into a done column."""
    if row["claim_holder"] is not None and board.column_by_id(row["column_id"]).role == "done":
        end_claim(board, actor, row, "done", note=note)


def expire_claim(board: LockedBoard, row: TicketRow) -> None:
    """End a claim whose lease expired, and move the ticket back.

    After `limits.EXPIRIES` expiries (three) in a row, the ticket gets the label `needs-human`.
    """
    expiries = row["expiries"] + 1
    move_back(board, SYSTEM_ACTOR, row)
    end_claim(board, SYSTEM_ACTOR, row, "lease_expired")
    labels: list[str] = orjson.loads(row["labels"])
    if expiries >= limits.EXPIRIES and limits.NEEDS_HUMAN not in labels:
        update_fields(board, SYSTEM_ACTOR, row, {"labels": [*labels, limits.NEEDS_HUMAN]})


def apply_due(board: LockedBoard) -> None:
    """End the claims of a board whose leases expired, and the parking of its tickets whose time has come."""
    if board.next_due is None:
        times = [row["due"] for row in board.tx.all(claims.FIRST_DUE, board_id=board.id) if row["due"]]
        board.next_due = min(times, default=_NEVER)
    if board.next_due > board.now:
        return
    for due in board.tx.all(claims.DUE_ON_BOARD, board_id=board.id, now=board.now):
        row = tickets.read_row(board.tx, due["id"])
        if row["claim_holder"] is not None and not is_claimed(board, row):
            expire_claim(board, row)
        if row["not_before"] is not None and row["not_before"] <= board.now:
            update_fields(board, SYSTEM_ACTOR, row, {"not_before": None})
    board.next_due = None


def apply_due_on_board(tx: Transaction, board_id: int) -> None:
    """Apply what is due on a board. The server runs this every few seconds."""
    apply_due(boards.lock(tx, board_id))


def boards_with_due(tx: ReadTransaction) -> list[int]:
    """The ids of boards with expired leases or parked tickets whose time has come, by the database's clock."""
    return [row["board_id"] for row in tx.all(claims.BOARDS_WITH_DUE, now=tx.now())]


def move_back(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Move the ticket, whose claim ends, back to the column it was claimed from.

    It stays where it is if it was moved since the claim, if that column no longer exists, or while it waits for an
    answer.
    """
    column_id: int | None = row["column_id"]
    if column_id == row["claim_to_column"]:
        column_id = row["claim_from_column"]
    if column_id == row["question_to_column"] and row["open_question"] is None:
        column_id = _column_before_question(row)
    if (origin := _find_column(board, column_id)) is not None:
        place_in_column(board, actor, row, origin)


def end_question(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Move the ticket, whose question has ended, back to the column it was asked from.

    It stays where it is if it was moved since the question, if that column no longer exists, or, while somebody holds
    it, if that column is full.
    """
    claimed = is_claimed(board, row)
    origin = _find_column(board, row["question_from_column"])
    waits = row["column_id"] == row["question_to_column"]
    if origin is not None and waits and (not claimed or has_room(board, origin)):
        place_in_column(board, actor, row, origin)
        board.update_ticket(row, question_to_column=None)
    if not claimed:
        board.update_ticket(row, question_from_column=None, question_to_column=None)


def has_answer(row: TicketRow | Row) -> bool:
    """Whether the ticket is back in its column after a question, and its holder has not written on it since."""
    return row["question_to_column"] is None and row["question_from_column"] == row["column_id"]


def _column_before_question(row: TicketRow) -> int | None:
    """The column to which the ticket goes back after its question, once nobody holds it."""
    is_from_claim = row["question_from_column"] == row["claim_to_column"]
    return row["claim_from_column"] if is_from_claim else row["question_from_column"]


def _find_column(board: LockedBoard, id: int | None) -> Column | None:
    return next((column for column in board.columns if column.id == id), None)


def check_review(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
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


def already_claimed(board: LockedBoard, row: TicketRow, *, fix: str) -> Refusal:
    """Build the refusal `already-claimed`, with the holder, and the lease's end and last renewal if it has an end."""
    expires_at, holder = row["claim_expires_at"], row["claim_holder"]
    detail = f"{holder} holds ticket {row['id']}"
    facts: dict[str, object] = {"ticket_id": row["id"], "held_by": holder, "expires_at": expires_at}
    renewed_at = leases.renewed_at(expires_at, row["claim_seconds"])
    if expires_at is not None and renewed_at is not None:
        ago, left = (
            timestamps.describe_duration(timestamps.seconds_between(start, end))
            for start, end in ((renewed_at, board.now), (board.now, expires_at))
        )
        detail += f"; the claim was renewed {ago} ago and ends in {left}"
        facts["renewed_at"] = renewed_at
    return Refusal("already-claimed", f"{detail}.", fix=fix, **facts)


def is_claimed(board: LockedBoard, row: TicketRow) -> bool:
    """Whether somebody holds the ticket now. An expired lease counts as ended even before its event is recorded."""
    if row["claim_holder"] is None:
        return False
    return row["claim_expires_at"] is None or row["claim_expires_at"] > board.now


def has_claim_token(actor: Actor, row: TicketRow) -> bool:
    """Whether the request has the lease token of the ticket's claim, and the token is valid for the actor.

    The token is not a credential: members of a board see each other's tokens. On a server with users it is valid for
    the holder, and between a person and that person's agents.
    """
    if actor.lease != leases.format_token(row["id"], row["claim_number"]):
        return False
    return actor.id is None or is_holder(actor, row) or actor.person_id == row["claim_seat"]


def may_write_as_holder(actor: Actor, row: TicketRow) -> bool:
    """Whether the actor may write on the ticket as its holder, by identity or by lease token."""
    return is_holder(actor, row) or has_claim_token(actor, row)


def is_holder(actor: Actor, row: TicketRow) -> bool:
    """Whether the actor made the claim: by user id, or by name if the claim has no user id (open mode)."""
    if actor.id is not None and row["claim_user_id"] is not None:
        return actor.id == row["claim_user_id"]
    return actor.is_named and row["claim_holder"] in actor.names


def _made_attempt(actor: Actor, attempt: Row) -> bool:
    """Whether the actor's person, or one of that person's agents, made this claim."""
    if actor.person_id is not None and attempt["seat"] is not None:
        return bool(actor.person_id == attempt["seat"])
    return actor.is_named and attempt["holder"] in actor.names


def ticket_with_lease(board: LockedBoard, row: TicketRow) -> Ticket:
    """The ticket with the lease that its holder receives."""
    token = leases.format_token(row["id"], row["claim_number"])
    seconds_left = leases.seconds_left(board.now, row["claim_expires_at"])
    ticket = tickets.to_wire(row, board.columns)
    return ticket.but(lease=Lease.of(token=token, holder=row["claim_holder"] or "", expires_in=seconds_left))
