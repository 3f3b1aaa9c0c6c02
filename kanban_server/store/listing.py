"""A page of a board's tickets, at the same cost whatever the board's size.

Tickets come column by column from the top. How many each column has is known: from the board's own counts, or, under a
filter, from one count; so the columns before the page are stepped over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, literal_column, select, text

from kanban_server.store import search
from kanban_server.store.boards import BoardRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, ready, ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row

_t = tickets.c


@dataclass(frozen=True)
class Filter:
    """Which tickets are wanted; None lets all through. An empty assignee is nobody."""

    column: str | None = None
    assignee: str | None = None
    label: str | None = None
    search: str | None = None
    ready: bool = False
    """Only what can be taken now: in a todo column, not held, not blocked, not waiting for a person."""


def page(tx: Reading, board: BoardRow, wanted: Filter, skip: int, size: int) -> tuple[dict[int, int], list[Row]]:
    """How many tickets of each column fit, and those on the page. Refused: `unknown-column`."""
    columns = board.board.column_settings
    if wanted.column is not None:
        columns = [board.column(wanted.column)]
    if wanted.ready:
        columns = [column for column in columns if column.role == "todo"]
    parameters: dict[str, Any] = {"board_id": board.board.id}
    found = None
    if wanted.search is not None:
        looked_up = search.matching(tx, wanted.search)
        if looked_up is None:
            return {}, []
        found, words = looked_up
        parameters |= words
    shape = []
    if wanted.assignee is not None:
        shape.append("assignee" if wanted.assignee else "unassigned")
        parameters |= {"assignee": wanted.assignee} if wanted.assignee else {}
    if wanted.label is not None:
        shape.append("label")
        parameters["label"] = wanted.label
    if wanted.ready:
        shape.append("ready")
    statements = _statements(tuple(shape), found)
    counts = board.counts
    if shape or found:
        counts = {row["column_id"]: row["count"] for row in tx.all(statements.counts, **parameters)}
    counts = {column.id: counts.get(column.id, 0) for column in columns}
    rows: list[Row] = []
    for column in columns:
        if skip >= counts[column.id]:
            skip -= counts[column.id]
            continue
        most = size - len(rows)
        if most <= 0:
            break
        rows += tx.all(statements.slice, **parameters, column_id=column.id, skip=skip, most=most)
        skip = 0
    return counts, rows


class Statements(NamedTuple):
    """A count by column, and a slice of one column, under one filter."""

    counts: Statement
    slice: Statement


_CONDITIONS = {
    "ready": ready,
    "assignee": _t.assignee == bindparam("assignee"),
    "unassigned": _t.assignee.is_(None),
    "label": _t.id.in_(
        select(ticket_labels.c.ticket_id).where(
            ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam("label")
        )
    ),
}


@cache
def _statements(shape: tuple[str, ...], found: str | None) -> Statements:
    """The statements for the filters that are named, and for tickets that a search has found."""
    board_id: ColumnElement[int] = _t.board_id
    column_id: ColumnElement[int] = _t.column_id
    conditions: list[Any] = [alive, *(_CONDITIONS[name] for name in shape)]
    if found is not None:
        conditions.append(text(found))
        # The sign keeps SQLite from walking the board's index: what was found is few.
        board_id, column_id = literal_column("+tickets.board_id"), literal_column("+tickets.column_id")
    where = and_(board_id == bindparam("board_id", type_=BigInteger), *conditions)
    return Statements(
        Statement(select(_t.column_id, func.count().label("count")).where(where).group_by(_t.column_id)),
        Statement(
            select(tickets)
            .where(where, column_id == bindparam("column_id", type_=BigInteger))
            .order_by(_t.place, _t.id)
            .limit(bindparam("most"))
            .offset(bindparam("skip"))
        ),
    )
