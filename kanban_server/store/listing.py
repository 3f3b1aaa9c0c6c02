"""A page of a board's tickets, at the same cost whatever the board's size.

Tickets come column by column from the top. How many each column has is known: from the board's own counts, or, under a
filter, from one count; so the columns before the page are stepped over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select, text

from kanban_server.store import search
from kanban_server.store.boards import BoardRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row

_t = tickets.c


@dataclass(frozen=True)
class Filter:
    """Which tickets are wanted; None lets all through. An empty assignee is nobody."""

    column: str | None = None
    assignee: str | None = None
    label: str | None = None
    search: str | None = None


def page(tx: Reading, board: BoardRow, wanted: Filter, skip: int, size: int) -> tuple[dict[int, int], list[Row]]:
    """How many tickets of each column fit, and those on the page. Refused: `unknown-column`."""
    columns = board.board.column_settings
    if wanted.column is not None:
        columns = [board.column(wanted.column)]
    conditions: list[str] = []
    parameters: dict[str, Any] = {"board_id": board.board.id}
    found = search.matching(tx, wanted.search) if wanted.search is not None else None
    if wanted.search is not None and found is None:
        return {}, []
    if found is not None:
        conditions.append(found[0])
        parameters |= found[1]
    if wanted.assignee is not None:
        conditions.append("assignee" if wanted.assignee else "unassigned")
        parameters |= {"assignee": wanted.assignee} if wanted.assignee else {}
    if wanted.label is not None:
        conditions.append("label")
        parameters["label"] = wanted.label
    shape = tuple(conditions)
    counts = board.counts
    if shape:
        counts = {row["column_id"]: row["count"] for row in tx.all(_count(shape), **parameters)}
    counts = {column.id: counts.get(column.id, 0) for column in columns}
    rows: list[Row] = []
    for column in columns:
        if skip >= counts[column.id]:
            skip -= counts[column.id]
            continue
        most = size - len(rows)
        if most <= 0:
            break
        rows += tx.all(_slice(shape), **parameters, column_id=column.id, skip=skip, most=most)
        skip = 0
    return counts, rows


def _condition(name: str) -> ColumnElement[bool]:
    if name == "assignee":
        return _t.assignee == bindparam("assignee")
    if name == "unassigned":
        return _t.assignee.is_(None)
    if name == "label":
        fits = select(ticket_labels.c.ticket_id).where(
            ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam("label")
        )
        return _t.id.in_(fits)
    return text(name)  # type: ignore[return-value]  # the search condition, which is ours


def _where(shape: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(_t.board_id == bindparam("board_id"), _t.deleted_at.is_(None), *map(_condition, shape))


@cache
def _count(shape: tuple[str, ...]) -> Statement:
    return Statement(select(_t.column_id, func.count().label("count")).where(_where(shape)).group_by(_t.column_id))


@cache
def _slice(shape: tuple[str, ...]) -> Statement:
    return Statement(
        select(tickets)
        .where(_where(shape), _t.column_id == bindparam("column_id"))
        .order_by(_t.place, _t.id)
        .limit(bindparam("most"))
        .offset(bindparam("skip"))
    )
