"""Ready tickets: not held, not blocked, with no open children, not waiting for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam, func, select

from kanban_server.store.statements import Statement
from kanban_server.store.tables import ready, ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row

_t = tickets.c
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"))


ASSIGNED = Statement(
    select(_t.assignee, func.count().label("count"))
    .where(*_IN_COLUMN, ready, _t.assignee.is_not(None))
    .group_by(_t.assignee)
)
PEOPLE_MOST = 20
"""People who are named as those for whom tickets wait."""


@cache
def _best(labels: int, *, assigned: bool) -> Statement:
    named = [
        _t.id.in_(
            select(ticket_labels.c.ticket_id).where(
                ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam(f"label_{n}")
            )
        )
        for n in range(labels)
    ]
    whose = _t.assignee == bindparam("whose") if assigned else _t.assignee.is_(None)
    return Statement(
        select(_t.id, _t.priority_key, _t.place)
        .where(*_IN_COLUMN, ready, whose, *named)
        .order_by(_t.assignee, _t.priority_key, _t.place)  # the whole index, for PostgreSQL to follow it
        .limit(1)
    )


def best(tx: Reading, board_id: int, column_id: int, *, whose: str | None, labels: Sequence[str]) -> Row | None:
    """The best ready ticket of a column, by priority, then place: of those assigned to somebody, or to nobody."""
    named = {f"label_{n}": label for n, label in enumerate(labels)}
    if whose is not None:
        named["whose"] = whose
    return tx.one(_best(len(labels), assigned=whose is not None), board_id=board_id, column_id=column_id, **named)


def assigned(tx: Reading, board_id: int, columns: Sequence[int]) -> dict[str, int]:
    """How many ready tickets of these columns each user has, those with most first."""
    counts = Counter[str]()
    for column_id in columns:
        for row in tx.all(ASSIGNED, board_id=board_id, column_id=column_id):
            counts[row["assignee"]] += row["count"]
    return dict(counts.most_common(PEOPLE_MOST))
