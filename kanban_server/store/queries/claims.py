"""Claims and attempts: the statements that read and write them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from kanban_sdk.wire.tickets import Attempt
from kanban_server.store import meant
from kanban_server.store.statements import Statement
from kanban_server.store.tables import attempts, boards, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_t = tickets.c
_BY_ID = _t.id == bindparam("ticket_id")
_CLAIM_FIELDS = (
    "claim_holder", "claim_number", "claim_seconds", "claim_expires_at", "claim_from_column", "claim_to_column",
    "claim_from_assignee", "claim_user_id", "claim_seat", "expiries", "assignee", "assigned_by", "updated_by",
    "updated_at", "version",
)  # fmt: skip
_ATTEMPT_BY_KEY = (attempts.c.ticket_id == bindparam("of_ticket"), attempts.c.number == bindparam("of_number"))

UPDATE_CLAIM = Statement(update(tickets).where(_BY_ID).values({name: bindparam(name) for name in _CLAIM_FIELDS}))
RENEW_LEASE = Statement(
    update(tickets)
    .where(_BY_ID)
    .values(claim_expires_at=bindparam("claim_expires_at"), claim_seconds=bindparam("claim_seconds"))
)
# Deleted and archived tickets have no claim, so no statement here checks whether a ticket is on its board.
EXPIRED_ON_BOARD = Statement(
    select(_t.id)
    .where(_t.board_id == bindparam("board_id"), _t.claim_expires_at <= bindparam("now"))
    .order_by(_t.claim_expires_at)
)
BOARDS_WITH_EXPIRED = Statement(
    select(_t.board_id)
    .join(boards, boards.c.id == _t.board_id)
    .where(_t.claim_expires_at <= bindparam("now"), boards.c.deleted_at.is_(None))
    .distinct()
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
INSERT_ATTEMPT = Statement(
    insert(attempts).values({name: bindparam(name) for name in ("ticket_id", "number", "holder", "claimed_at", "seat")})
)
END_ATTEMPT = Statement(
    update(attempts)
    .where(*_ATTEMPT_BY_KEY)
    .values(ended_at=bindparam("ended_at"), reason=bindparam("reason"), note=bindparam("note"))
)
LAST_ATTEMPT = Statement(
    select(attempts.c.holder, attempts.c.seat)
    .where(attempts.c.ticket_id == bindparam("ticket_id"))
    .order_by(attempts.c.number.desc())
    .limit(1)
)
ATTEMPTS_OF_TICKET = Statement(
    select(attempts).where(attempts.c.ticket_id == bindparam("ticket_id")).order_by(attempts.c.number)
)


def write_claim(tx: Transaction, row: Row, **changes: Any) -> None:
    """Write a ticket's claim: the row's values, overridden by `changes`."""
    tx.run(UPDATE_CLAIM, ticket_id=row["id"], **{name: changes.get(name, row[name]) for name in _CLAIM_FIELDS})


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
    present = meant.present_names(tx) if rows else {}
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
