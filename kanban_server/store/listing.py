"""A page of a board's tickets, at the same cost whatever the board's size.

Tickets come column by column from the top. How many each column has is known: from the board's own counts, or, under a
filter, from one count; so the columns before the page are stepped over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, literal_column, select, text

from kanban_sdk.wire.boards import Column
from kanban_server.rules import priorities
from kanban_server.store import search
from kanban_server.store.boards import BoardRow
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, archived, blocked, held, ready, ticket_labels, tickets
from kanban_server.store.transaction import Reading, Row

_t = tickets.c


@dataclass(frozen=True)
class Filter:
    """Which tickets are wanted; None and False let all through. An empty assignee is nobody."""

    column: str | None = None
    assignee: str | None = None
    label: str | None = None
    search: str | None = None
    ready: bool = False
    """Only what can be taken now: in a todo column, not held, not blocked, not waiting for a person."""
    blocked: bool = False
    """Only what is not done and waits for blockers or children."""
    held: bool = False
    priority: str | None = None
    due: str | None = None
    """Only what is not done and due before this day."""
    archived: bool = False
    """Only what is archived, instead of what is on the board."""
    names: tuple[str, ...] = ()
    """All names of the assignee, where there are several."""

    def columns(self, board: BoardRow) -> list[Column]:
        """The columns where such tickets can be. Refused: `unknown-column`."""
        columns = board.board.column_settings if self.column is None else [board.column(self.column)]
        if self.ready:
            return [column for column in columns if column.role == "todo"]
        if self.blocked or self.due:
            return [column for column in columns if column.role != "done"]
        return columns

    def conditions(self) -> dict[str, Any]:
        """The names of the conditions that are asked for, each with its parameter."""
        named: dict[str, Any] = {"archived" if self.archived else "alive": None}
        if self.assignee is not None:
            named |= self._assigned(self.assignee)
        if self.label is not None:
            named["label"] = self.label
        if self.priority is not None:
            named["priority"] = priorities.sort_key(priorities.priority(self.priority))
        if self.due is not None:
            named["due"] = self.due
        return named | {name: None for name in ("ready", "blocked", "held") if getattr(self, name)}

    def _assigned(self, name: str) -> dict[str, Any]:
        if not name:
            return {"unassigned": None}
        names = self.names or (name,)
        if len(names) == 1:
            return {"assignee": names[0]}
        return {f"assignee_{n}": one for n, one in enumerate(names)}


def page(tx: Reading, board: BoardRow, wanted: Filter, skip: int, size: int) -> tuple[dict[int, int], list[Row]]:
    """How many tickets of each column fit, and those on the page. Refused: `unknown-column`, `invalid-priority`."""
    columns = wanted.columns(board)
    conditions = wanted.conditions()
    parameters: dict[str, Any] = {"board_id": board.board.id}
    parameters |= {name: value for name, value in conditions.items() if value is not None}
    found = None
    if wanted.search is not None:
        looked_up = search.matching(tx, wanted.search)
        if looked_up is None:
            return {}, []
        found, words = looked_up
        parameters |= words
    statements = _statements(tuple(conditions), found)
    counts = _known(board, tuple(conditions)) if found is None else None
    if counts is None:
        counts = {row["column_id"]: row["count"] for row in tx.all(statements.counts, **parameters)}
    ids = [column.id for column in columns]
    if wanted.archived and wanted.column is None:
        ids += sorted(counts.keys() - {column.id for column in board.board.column_settings})  # columns that are gone
    counts = {id: counts.get(id, 0) for id in ids}
    rows: list[Row] = []
    for column_id, count in counts.items():
        if skip >= count:
            skip -= count
            continue
        most = size - len(rows)
        if most <= 0:
            break
        rows += tx.all(statements.slice, **parameters, column_id=column_id, skip=skip, most=most)
        skip = 0
    return counts, rows


def _known(board: BoardRow, conditions: tuple[str, ...]) -> dict[int, int] | None:
    """How many tickets of each column fit, where that is kept with every change."""
    match conditions:
        case ("alive",):
            return board.counts
        case ("alive", "ready" | "blocked" | "held" as kept):
            return {id: getattr(tally, kept) for id, tally in board.tallies.items()}
    return None


class Statements(NamedTuple):
    """A count by column, and a slice of one column, under one filter."""

    counts: Statement
    slice: Statement


_CONDITIONS = {
    "alive": alive,
    "archived": archived,
    "ready": ready,
    "blocked": blocked,
    "held": held,
    "priority": _t.priority_key == bindparam("priority"),
    "due": and_(_t.due_date.is_not(None), _t.due_date < bindparam("due")),
    "assignee": _t.assignee == bindparam("assignee"),
    "unassigned": _t.assignee.is_(None),
    "label": _t.id.in_(
        select(ticket_labels.c.ticket_id).where(
            ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam("label")
        )
    ),
}


_FEW = frozenset({"assignee", "held", "due"})
"""Conditions that few tickets meet, and that have an index of their own."""


@cache
def _statements(shape: tuple[str, ...], found: str | None) -> Statements:
    """The statements for the filters that are named, and for tickets that a search has found."""
    board_id: ColumnElement[int] = _t.board_id
    column_id: ColumnElement[int] = _t.column_id
    conditions: list[Any] = [_CONDITIONS[name] for name in shape if name in _CONDITIONS]
    if several := [name for name in shape if name not in _CONDITIONS]:
        conditions.append(_t.assignee.in_([bindparam(name) for name in several]))
    if found is not None:
        conditions.append(text(found))
    # The signs keep SQLite from walking the board in its order: what is looked for is few.
    if found is not None or several or _FEW & {*shape}:
        column_id = literal_column("+tickets.column_id")
    if found is not None:
        board_id = literal_column("+tickets.board_id")
    where = and_(board_id == bindparam("board_id", type_=BigInteger), *conditions)
    return Statements(
        Statement(select(column_id.label("column_id"), func.count().label("count")).where(where).group_by(column_id)),
        Statement(
            select(tickets)
            .where(where, column_id == bindparam("column_id", type_=BigInteger))
            .order_by(_t.place, _t.id)
            .limit(bindparam("most"))
            .offset(bindparam("skip"))
        ),
    )
