"""What a person has created, counted for quotas."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import BindParameter, bindparam, func, or_, select

from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, tokens, users
from kanban_server.store.transaction import Transaction

QuotaKind = Literal["tokens", "agents", "boards"]

_LOCK_BASE = 7_265_314 << 32
"""Plus a person's id: the advisory lock of changes that count what the person has."""
_seat: BindParameter[int] = bindparam("seat")
COUNTS: dict[QuotaKind, Statement] = {
    "tokens": Statement(
        select(func.count())
        .select_from(tokens.join(users, users.c.id == tokens.c.user_id))
        .where(or_(users.c.id == _seat, users.c.owner_id == _seat), tokens.c.revoked_at.is_(None))
        .where(or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("now")))
    ),
    "agents": Statement(
        select(func.count()).select_from(users).where(users.c.owner_id == _seat, users.c.disabled_at.is_(None))
    ),
    "boards": Statement(
        select(func.count()).select_from(boards).where(boards.c.made_by == _seat, boards.c.deleted_at.is_(None))
    ),
}


def count_used(tx: Transaction, kind: QuotaKind, seat: int) -> int:
    """The number of a person's items of a kind, their agents' included; locked against changes that add one."""
    tx.advisory_lock(_LOCK_BASE + seat)
    parameters = {"now": tx.now()} if kind == "tokens" else {}
    return int(tx.value(COUNTS[kind], seat=seat, **parameters))
