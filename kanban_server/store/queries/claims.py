"""Claims, attempts and what is due: the statements that read and write them."""

from __future__ import annotations

from sqlalchemy import bindparam, func, or_, select, union, union_all

from kanban_sdk.wire.tickets import Attempt
from kanban_server.store.bulk import bulk_insert, bulk_update
from kanban_server.store.queries import name_lookup
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, attempts, boards, tickets
from kanban_server.store.transaction import ReadTransaction

_t = tickets.c
# Deleted and archived tickets have no claim, so no statement about claims checks whether a ticket is on its board.
_EXPIRED = (_t.claim_expires_at <= bindparam("now"),)
_UNPARKED = (alive, _t.not_before <= bindparam("now"))
_ON_BOARD = _t.board_id == bindparam("board_id")
DUE_ON_BOARD = Statement(
    union_all(
        select(_t.id, _t.claim_expires_at.label("due")).where(_ON_BOARD, *_EXPIRED),
        select(_t.id, _t.not_before.label("due")).where(_ON_BOARD, *_UNPARKED),
    ).order_by("due", "id")
)
"""The tickets of a board whose leases have expired, or which were parked until now."""
_ON_THEIR_BOARDS = tickets.join(boards, boards.c.id == _t.board_id)
BOARDS_WITH_DUE = Statement(
    union(
        *(
            select(_t.board_id).select_from(_ON_THEIR_BOARDS).where(*conditions, boards.c.deleted_at.is_(None))
            for conditions in (_EXPIRED, _UNPARKED)
        )
    )
)
COUNT_CLAIMS = Statement(select(func.count()).select_from(tickets).where(_t.claim_holder.is_not(None)))
COUNT_CLAIMS_OF_HOLDER = Statement(
    select(func.count())
    .select_from(tickets)
    .where(_t.board_id == bindparam("board_id"), _t.claim_holder == bindparam("holder"))
    .where(or_(_t.claim_expires_at.is_(None), _t.claim_expires_at > bindparam("now")))
)
HOLDERS_ON_BOARD = Statement(
    select(_t.claim_holder, _t.id)
    .where(_t.board_id == bindparam("board_id"), _t.claim_holder.is_not(None))
    .order_by(_t.id)
)
HELD_BY = Statement(
    select(_t.id, _t.column_id, _t.asked, _t.question_from_column, _t.question_to_column)
    .where(_t.board_id == bindparam("board_id"), _t.claim_holder == bindparam("holder"))
    .order_by(_t.id)
)
INSERT_ATTEMPT = bulk_insert(attempts, ("ticket_id", "number", "holder", "claimed_at", "seat"), order=2)
END_ATTEMPT = bulk_update(attempts, ("ticket_id", "number"), ("ended_at", "reason", "note"), order=3)
FIRST_DUE = Statement(
    union_all(
        select(func.min(_t.claim_expires_at).label("due")).where(_ON_BOARD, _t.claim_expires_at.is_not(None)),
        select(func.min(_t.not_before).label("due")).where(_ON_BOARD, alive, _t.not_before.is_not(None)),
    )
)
"""When the first lease of a board ends, and when its first parked ticket is due."""
LAST_ATTEMPT = Statement(
    select(attempts.c.holder, attempts.c.seat)
    .where(attempts.c.ticket_id == bindparam("ticket_id"))
    .order_by(attempts.c.number.desc())
    .limit(1)
)
ATTEMPTS_OF_TICKET = Statement(
    select(attempts).where(attempts.c.ticket_id == bindparam("ticket_id")).order_by(attempts.c.number)
)


def count_claims(tx: ReadTransaction) -> int:
    """The number of live claims on all boards."""
    return int(tx.value(COUNT_CLAIMS))


def count_claims_of_holder(tx: ReadTransaction, board_id: int, holder: str, now: str) -> int:
    """The number of live claims of this holder on a board."""
    return int(tx.value(COUNT_CLAIMS_OF_HOLDER, board_id=board_id, holder=holder, now=now))


def read_holders(tx: ReadTransaction, board_id: int) -> dict[str, list[int]]:
    """The holder of each claimed ticket of a board, renamed users under their current name."""
    ticket_ids_by_holder: dict[str, list[int]] = {}
    rows = tx.all(HOLDERS_ON_BOARD, board_id=board_id)
    present = name_lookup.present_names(tx) if rows else {}
    for row in rows:
        holder: str = row["claim_holder"]
        ticket_ids_by_holder.setdefault(present.get(holder, holder), []).append(row["id"])
    return ticket_ids_by_holder


def read_attempts(tx: ReadTransaction, ticket_id: int) -> list[Attempt]:
    """All claims of a ticket, oldest first."""
    return [
        Attempt(row["number"], row["holder"], row["claimed_at"], row["ended_at"], row["reason"], row["note"])
        for row in tx.all(ATTEMPTS_OF_TICKET, ticket_id=ticket_id)
    ]
