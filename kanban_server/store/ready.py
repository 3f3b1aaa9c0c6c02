"""Ready tickets: not held, not blocked, with no open children, not waiting for a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam, func, or_, select

from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, ready, ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row

_t = tickets.c
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"))

WHY_NOT = Statement(
    select(
        func.count().label("all"),
        func.count().filter(_t.claim_holder.is_not(None)).label("held"),
        func.count().filter(or_(_t.open_blockers > 0, _t.open_children > 0)).label("blocked"),
        func.count().filter(ready).label("ready"),
    ).where(*_IN_COLUMN, alive)
)
"""Of one column: its tickets, those that are held, those that are blocked, and those that are ready."""


@cache
def _best(labels: int, *, only_mine: bool) -> Statement:
    named = [
        _t.id.in_(
            select(ticket_labels.c.ticket_id).where(
                ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam(f"label_{n}")
            )
        )
        for n in range(labels)
    ]
    mine = _t.assignee == bindparam("mine")
    return Statement(
        select(_t.id, _t.priority_key, _t.place)
        .where(*_IN_COLUMN, ready, mine if only_mine else or_(mine, _t.assignee.is_(None)), *named)
        .order_by(_t.priority_key, _t.place)
        .limit(1)
    )


def best(
    tx: Reading, board_id: int, column_id: int, *, mine: str, only_mine: bool, labels: Sequence[str]
) -> Row | None:
    """The best ready ticket of a column, by priority, then place: one of `mine`, or (unless `only_mine`) nobody's."""
    named = {f"label_{n}": label for n, label in enumerate(labels)}
    statement = _best(len(labels), only_mine=only_mine)
    return tx.one(statement, board_id=board_id, column_id=column_id, mine=mine, **named)
