"""Ready tickets: not held, not blocked, with no open children, not waiting for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam, func, select

from kanban_server.store.statements import Statement
from kanban_server.store.tables import ready, ticket_labels, tickets
from kanban_server.store.transaction import ReadTransaction, Row

_t = tickets.c
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"))


ASSIGNED = Statement(
    select(_t.assignee, func.count().label("count"))
    .where(*_IN_COLUMN, ready, _t.assignee.is_not(None))
    .group_by(_t.assignee)
)
PEOPLE_MOST = 20
"""Maximum number of people who are listed as those with assigned ready tickets."""


@cache
def _best_statement(label_count: int, *, assigned: bool) -> Statement:
    label_conditions = [
        _t.id.in_(
            select(ticket_labels.c.ticket_id).where(
                ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam(f"label_{n}")
            )
        )
        for n in range(label_count)
    ]
    assignee_condition = _t.assignee == bindparam("whose") if assigned else _t.assignee.is_(None)
    return Statement(
        select(_t.id, _t.priority_key, _t.place)
        .where(*_IN_COLUMN, ready, assignee_condition, *label_conditions)
        .order_by(_t.assignee, _t.priority_key, _t.place)  # all columns of the index, so that PostgreSQL uses it
        .limit(1)
    )


def find_best(
    tx: ReadTransaction, board_id: int, column_id: int, *, assignee: str | None, labels: Sequence[str]
) -> Row | None:
    """The best ready ticket of a column, by priority, then place, assigned to `assignee` or, if None, to nobody."""
    label_parameters = {f"label_{n}": label for n, label in enumerate(labels)}
    if assignee is not None:
        label_parameters["whose"] = assignee
    return tx.one(
        _best_statement(len(labels), assigned=assignee is not None),
        board_id=board_id,
        column_id=column_id,
        **label_parameters,
    )


def assigned(tx: ReadTransaction, board_id: int, columns: Sequence[int]) -> dict[str, int]:
    """The number of ready tickets of each assignee in these columns, the highest first."""
    counts = Counter[str]()
    for column_id in columns:
        for row in tx.all(ASSIGNED, board_id=board_id, column_id=column_id):
            counts[row["assignee"]] += row["count"]
    return dict(counts.most_common(PEOPLE_MOST))
