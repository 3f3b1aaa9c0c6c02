"""A page of a board's tickets, at the same cost for every size of board.

Tickets are ordered by column, then from the top. The number of tickets in each column is known from the board's counts
or, under a filter, from one count query, so columns before the page are skipped without reading them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, literal_column, select, text

from kanban_sdk.wire.boards import Column
from kanban_server.rules import priorities
from kanban_server.store.queries import search
from kanban_server.store.queries.boards import BoardRecord
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, archived, assigned, blocked, held, ready, ticket_labels, tickets
from kanban_server.store.transaction import ReadTransaction, Row

_t = tickets.c


@dataclass(frozen=True)
class TicketFilter:
    """A filter for tickets; None and False match all. An empty assignee matches unassigned tickets."""

    column: str | None = None
    assignee: str | None = None
    label: str | None = None
    search: str | None = None
    ready: bool = False
    """Only ready tickets: in a todo column, not held, not blocked, not waiting for a person."""
    blocked: bool = False
    """Only tickets that are not done and wait for blockers or children."""
    held: bool = False
    priority: str | None = None
    due: str | None = None
    """Only tickets that are not done and due before this day."""
    archived: bool = False
    """Only archived tickets, instead of those on the board."""
    names: tuple[str, ...] = ()
    """All names of the assignee, if there are several."""

    def columns(self, board: BoardRecord) -> list[Column]:
        """The columns that can contain matching tickets. Refused: `unknown-column`."""
        columns = board.board.column_settings if self.column is None else [board.column(self.column)]
        if self.ready:
            return [column for column in columns if column.role == "todo"]
        if self.blocked or self.due:
            return [column for column in columns if column.role != "done"]
        return columns

    def conditions(self) -> dict[str, object]:
        """The names of the active conditions, each with its parameter."""
        conditions: dict[str, object] = {"archived" if self.archived else "alive": None}
        if self.assignee is not None:
            conditions |= self._assigned(self.assignee)
        if self.label is not None:
            conditions["label"] = self.label
        if self.priority is not None:
            conditions["priority"] = priorities.sort_key(priorities.check_priority(self.priority))
        if self.due is not None:
            conditions["due"] = self.due
        return conditions | {name: None for name in ("ready", "blocked", "held") if getattr(self, name)}

    def _assigned(self, name: str) -> dict[str, object]:
        if not name:
            return {"unassigned": None}
        names = self.names or (name,)
        if len(names) == 1:
            return {"assignee": names[0]}
        return {f"assignee_{n}": one for n, one in enumerate(names)}


def read_page(
    tx: ReadTransaction, board: BoardRecord, ticket_filter: TicketFilter, offset: int, limit: int
) -> tuple[dict[int, int], list[Row]]:
    """The number of matching tickets by column, and the page. Refused: `unknown-column`, `invalid-priority`."""
    columns = ticket_filter.columns(board)
    conditions = ticket_filter.conditions()
    parameters: dict[str, object] = {"board_id": board.board.id}
    parameters |= {name: value for name, value in conditions.items() if value is not None}
    search_condition = None
    if ticket_filter.search is not None:
        search_match = search.match_condition(tx, ticket_filter.search)
        if search_match is None:
            return {}, []
        search_condition, search_parameters = search_match
        parameters |= search_parameters
    statements = _statements(tuple(conditions), search_condition)
    counts = _stored_counts(board, tuple(conditions)) if search_condition is None else None
    if counts is None:
        counts = {row["column_id"]: row["count"] for row in tx.all(statements.counts, **parameters)}
    ids = [column.id for column in columns]
    if ticket_filter.archived and ticket_filter.column is None:
        ids += sorted(counts.keys() - {column.id for column in board.board.column_settings})  # deleted columns
    counts = {id: counts.get(id, 0) for id in ids}
    rows: list[Row] = []
    for column_id, count in counts.items():
        if offset >= count:
            offset -= count
            continue
        remaining = limit - len(rows)
        if remaining <= 0:
            break
        rows += tx.all(statements.slice, **parameters, column_id=column_id, skip=offset, most=remaining)
        offset = 0
    return counts, rows


def _stored_counts(board: BoardRecord, conditions: tuple[str, ...]) -> dict[int, int] | None:
    """The number of matching tickets by column, if it is stored with the board; else None."""
    match conditions:
        case ("alive",):
            return board.counts
        case ("alive", "ready" | "blocked" | "held" as counter_name):
            return {id: getattr(counters, counter_name) for id, counters in board.tallies.items()}
    return None


class PageStatements(NamedTuple):
    """Two statements for one filter: a count by column, and a slice of one column."""

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
    "assignee": and_(assigned, _t.assignee == bindparam("assignee")),
    "unassigned": _t.assignee.is_(None),
    "label": _t.id.in_(
        select(ticket_labels.c.ticket_id).where(
            ticket_labels.c.board_id == bindparam("board_id"), ticket_labels.c.label == bindparam("label")
        )
    ),
}


_SELECTIVE = frozenset({"assignee", "held", "due"})
"""Conditions that match few tickets and have an index of their own."""


@cache
def _statements(condition_names: tuple[str, ...], search_condition: str | None) -> PageStatements:
    """The statements for these conditions, optionally with a search condition."""
    board_id: ColumnElement[int] = _t.board_id
    column_id: ColumnElement[int] = _t.column_id
    conditions: list[Any] = [_CONDITIONS[name] for name in condition_names if name in _CONDITIONS]
    if several := [name for name in condition_names if name not in _CONDITIONS]:
        conditions += [assigned, _t.assignee.in_([bindparam(name) for name in several])]
    if search_condition is not None:
        conditions.append(text(search_condition))
    # The unary plus keeps SQLite from scanning the board in its order, since few tickets match.
    if search_condition is not None or several or _SELECTIVE & {*condition_names}:
        column_id = literal_column("+tickets.column_id")
    if search_condition is not None:
        board_id = literal_column("+tickets.board_id")
    where = and_(board_id == bindparam("board_id", type_=BigInteger), *conditions)
    return PageStatements(
        Statement(select(column_id.label("column_id"), func.count().label("count")).where(where).group_by(column_id)),
        Statement(
            select(tickets)
            .where(where, column_id == bindparam("column_id", type_=BigInteger))
            .order_by(_t.place, _t.id)
            .limit(bindparam("most"))
            .offset(bindparam("skip"))
        ),
    )
