"""Ready tickets: not held, not blocked, with no open children, not waiting for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache

import orjson
from sqlalchemy import ARRAY, Text, bindparam, cast, func, select, text, true

from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import tickets as ticket_queries
from kanban_server.store.rows import TicketRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import ready, ticket_labels, tickets
from kanban_server.store.transaction import ReadTransaction
from kanban_server.store.window import Window, ready_position

_t = tickets.c
_IN_COLUMN = (_t.board_id == bindparam("board_id"), _t.column_id == bindparam("column_id"))


ASSIGNED = Statement(
    select(_t.assignee, func.count().label("count"))
    .where(*_IN_COLUMN, ready, _t.assignee.is_not(None))
    .group_by(_t.assignee)
)
PEOPLE_MOST = 20
"""Maximum number of people who are listed as those with assigned ready tickets."""

_NEEDS_MET = {
    "sqlite": text(
        "NOT EXISTS (SELECT 1 FROM json_each(tickets.needs) WHERE value NOT IN (SELECT value FROM json_each(:can)))"
    ),
    "postgresql": text("CAST(tickets.needs AS jsonb) <@ CAST(:can AS jsonb)"),
}
"""Tickets that need nothing beyond the tags of `can`, a JSON list."""


@cache
def _best_statement(label_count: int, *, assigned: bool, fitting: bool = False) -> Statement:
    """The best ready tickets of a column, assigned to each of `names`, or to nobody.

    With `fitting`, only those whose needs are met by `can`.
    """
    label_conditions = [
        _t.id.in_(
            select(ticket_labels.c.ticket_id).where(
                ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam(f"label_{n}")
            )
        )
        for n in range(label_count)
    ]
    best = select(tickets).where(*_IN_COLUMN, ready, *label_conditions)
    best = best.order_by(_t.assignee, _t.priority_key, _t.place)  # all columns of the index, so that PostgreSQL uses it
    best = best.limit(bindparam("most"))
    on_sqlite = best.where(_NEEDS_MET["sqlite"]) if fitting else best
    best = best.where(_NEEDS_MET["postgresql"]) if fitting else best
    if not assigned:
        of_nobody = _t.assignee.is_(None)
        return Statement(on_sqlite.where(of_nobody), postgresql=best.where(of_nobody))
    names = func.unnest(cast(bindparam("names"), ARRAY(Text))).table_valued("name", name="names").render_derived()
    of_each = best.where(_t.assignee == names.c.name).lateral("best")
    return Statement(
        on_sqlite.where(_t.assignee == bindparam("names")),
        postgresql=select(of_each).select_from(names.join(of_each, true())),
    )


def find_best(
    board: LockedBoard, column_id: int, assignees: Sequence[str | None], labels: Sequence[str], can: Collection[str]
) -> list[TicketRow]:
    """The best ready ticket of a column for each assignee that has one, by priority, then place; None is nobody.

    It has all `labels`, and needs nothing beyond `can`. The changes of one commit read the best tickets once, and take
    them one after the other.
    """
    missing = [name for name in assignees if _is_unknown(board, column_id, name)]
    if missing:
        _load_windows(board, column_id, missing)
    wanted = {*labels}
    best = []
    for name in assignees:
        window = board.ready[column_id, name]
        rows = (board.tx.unit.tickets[position.ticket_id] for position in window.positions())
        row = next((row for row in rows if wanted <= {*orjson.loads(row["labels"])} and fits(row, can)), None)
        if row is None and not window.complete:
            row = next(iter(_read_best(board, column_id, [name], labels, can, most=1)), None)
        if row is not None:
            best.append(row)
    return best


def find_several(
    board: LockedBoard,
    column_id: int,
    assignees: Sequence[str | None],
    labels: Sequence[str],
    can: Collection[str],
    most: int,
) -> list[TicketRow]:
    """The best ready tickets of a column, at most `most` for each assignee; see `find_best`."""
    return _read_best(board, column_id, assignees, labels, can, most=most)


def fits(row: TicketRow, can: Collection[str]) -> bool:
    """Whether a ticket needs nothing beyond these tags."""
    return row["needs"] == "[]" or {*orjson.loads(row["needs"])} <= {*can}


def _is_unknown(board: LockedBoard, column_id: int, name: str | None) -> bool:
    window = board.ready.get((column_id, name))
    return window is None or window.exhausted


def _load_windows(board: LockedBoard, column_id: int, missing: Sequence[str | None]) -> None:
    """Read the best tickets of these assignees, and of all others for whom a ticket is chosen in this commit."""
    names = {*missing, *(name for name in board.tx.unit.askers if _is_unknown(board, column_id, name))}
    most = board.tx.unit.size
    rows_by_name: dict[str | None, list[TicketRow]] = {name: [] for name in names}
    for row in _read_best(board, column_id, names, (), None, most=most):
        rows_by_name[row["assignee"]].append(row)
    for name, rows in rows_by_name.items():
        board.ready[column_id, name] = Window(map(ready_position, rows), complete=len(rows) < most)


def _read_best(
    board: LockedBoard,
    column_id: int,
    assignees: Iterable[str | None],
    labels: Sequence[str],
    can: Collection[str] | None,
    *,
    most: int,
) -> list[TicketRow]:
    """The best ready tickets, whatever they need if `can` is None."""
    tx = board.tx
    parameters: dict[str, object] = {"board_id": board.id, "column_id": column_id, "most": most}
    parameters |= {f"label_{n}": label for n, label in enumerate(labels)}
    names = sorted({name for name in assignees if name is not None})
    fitting = can is not None
    if can is not None:
        parameters["can"] = orjson.dumps(sorted(can)).decode()
    of_nobody = _best_statement(len(labels), assigned=False, fitting=fitting)
    rows = tx.all(of_nobody, **parameters) if None in assignees else []
    for parameter in [names] if names and tx.dialect == "postgresql" else names:
        rows += tx.all(_best_statement(len(labels), assigned=True, fitting=fitting), **parameters, names=parameter)
    return [ticket_queries.remember(tx, row) for row in rows]


def assigned(tx: ReadTransaction, board_id: int, columns: Sequence[int]) -> dict[str, int]:
    """The number of ready tickets of each assignee in these columns, the highest first."""
    counts = Counter[str]()
    for column_id in columns:
        for row in tx.all(ASSIGNED, board_id=board_id, column_id=column_id):
            counts[row["assignee"]] += row["count"]
    return dict(counts.most_common(PEOPLE_MOST))
