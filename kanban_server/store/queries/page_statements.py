"""The statements for a page of a board's tickets, and for a search of several boards.

The form of a statement fixes how it is carried out, so that the plan does not depend on PostgreSQL's statistics: a page
is read in the order of an index, or the tickets are looked up one by one by the ids that the label index or the search
index has. Without statistics PostgreSQL compared each ticket of a board with each row of the label index.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    text,
    true,
)

from kanban_server.store.statements import DialectName, Statement
from kanban_server.store.tables import alive, archived, assigned, blocked, held, ready, ticket_labels, tickets

Sort = Literal["priority", "due", "created", "updated", "title", "id"]
Source = Literal["board", "labels", "search"]
"""From which index the tickets are taken."""
Finish = Callable[[FromClause, DialectName], Select[Any]]
SEARCHED = "search"
"""The name of the condition that a ticket has the words of `:wanted`."""

_t, _l = tickets.c, ticket_labels.c
_search = table("ticket_search", column("ticket_id"), column("words"))
_MATCHES = text("ticket_search.words @@ CAST(:wanted AS tsquery)")
_HAS_LABEL = and_(_l.board_id == bindparam("board_id"), _l.label == bindparam("label"))
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "alive": alive,
    "archived": archived,
    "deleted": _t.deleted_at.is_not(None),
    "ready": ready,
    "blocked": blocked,
    "held": held,
    "priority": _t.priority_key == bindparam("priority"),
    "due": and_(_t.due_date.is_not(None), _t.due_date < bindparam("due")),
    "assignee": and_(assigned, _t.assignee == bindparam("assignee")),
    "unassigned": _t.assignee.is_(None),
    "created_by": _t.created_by == bindparam("created_by"),
    "since": _t.updated_at >= bindparam("since"),
}
_SELECTIVE = frozenset({"assignee", "held", "due"})
"""Conditions that match few tickets and have an index of their own."""
_IN_TABLE = _t.version > text("0")
"""A condition that every ticket meets and no index has. Else PostgreSQL, without statistics, looks for an id in an
index of other columns, from one end to the other."""
_LABELLED_IDS = select(_l.ticket_id).where(_HAS_LABEL)
_FOUND_IDS = text("tickets.id IN (SELECT rowid FROM ticket_search WHERE words MATCH :wanted)")


def source_of(names: tuple[str, ...]) -> Source:
    """The index that has the fewest tickets for these conditions."""
    return "search" if SEARCHED in names else "labels" if "label" in names else "board"


@cache
def count_statement(names: tuple[str, ...]) -> Statement:
    """How many tickets of each column meet the conditions: `column_id`, `count`."""

    def finish(rows: FromClause, _: DialectName) -> Select[Any]:
        return select(rows.c.column_id, func.count().label("count")).group_by(rows.c.column_id)

    return _statement(names, source_of(names), finish, only=("column_id",))


@cache
def column_statement(names: tuple[str, ...], source: Source, *, reverse: bool = False) -> Statement:
    """Tickets of `:column_id` that meet the conditions, from the top, or from the bottom."""

    def finish(rows: FromClause, _: DialectName) -> Select[Any]:
        order = (rows.c.place, rows.c.id)
        return _page(select(rows).order_by(*(key.desc() if reverse else key for key in order)))

    return _statement(names, source, finish, column=True)


@cache
def sorted_statement(names: tuple[str, ...], sort: Sort, *, reverse: bool = False) -> Statement:
    """Tickets of `:columns` that meet the conditions, in an order that is not the board's; ties by id."""

    def finish(rows: FromClause, dialect: DialectName) -> Select[Any]:
        keys = [(key, descending != reverse) for key, descending in _sort_keys(rows, sort, dialect)]
        return _page(select(rows).order_by(*(key.desc() if descending else key.asc() for key, descending in keys)))

    return _statement(names, source_of(names), finish, columns=True)


def _page(rows: Select[Any]) -> Select[Any]:
    return rows.limit(bindparam("most")).offset(bindparam("skip"))


def _sort_keys(rows: FromClause, sort: Sort, dialect: DialectName) -> list[tuple[ColumnElement[Any], bool]]:
    """The keys of an order, each with whether it descends. Letters of titles compare without case if they are ASCII."""
    c = rows.c

    def by_bytes(name: str) -> ColumnElement[Any]:
        return c[name].collate("C") if dialect == "postgresql" else c[name]

    match sort:
        case "priority":
            return [(c.priority_key, False), (c.id, False)]
        case "due":
            return [(c.due_date.is_(None), False), (c.due_date, False), (c.id, False)]
        case "created":
            return [(by_bytes("created_at"), True), (c.id, True)]
        case "updated":
            return [(by_bytes("updated_at"), True), (c.id, True)]
        case "title":
            return [(func.lower(by_bytes("title")), False), (by_bytes("title"), False), (c.id, False)]
        case "id":
            return [(c.id, False)]


def _statement(
    names: tuple[str, ...],
    source: Source,
    finish: Finish,
    *,
    only: tuple[str, ...] = (),
    column: bool = False,
    columns: bool = False,
) -> Statement:
    """The tickets that meet the conditions, as `finish` selects from them. `only`: the columns that it needs."""
    sqlite, postgresql = _conditions(names), _conditions(names)
    board: ColumnElement[Any] = _t.board_id
    of_column: ColumnElement[Any] = _t.column_id
    if "label" in names:
        by_label = _t.id.in_(_LABELLED_IDS) if source == "labels" else _has_label()
        sqlite.append(by_label)
        if source != "labels":
            postgresql.append(by_label)
    if source != "board" or _SELECTIVE & {*names} or any(name.startswith("assignee_") for name in names):
        # The unary plus keeps SQLite from scanning the board in its order, since few tickets match.
        of_column = literal_column("+tickets.column_id")
    if source != "board":
        board = literal_column("+tickets.board_id")
    if SEARCHED in names:
        sqlite.append(_FOUND_IDS)
    shared: list[Any] = [board == bindparam("board_id", type_=BigInteger)]
    if column:
        shared.append(of_column == bindparam("column_id", type_=BigInteger))
    if columns:
        sqlite.append(text("+tickets.column_id IN (SELECT value FROM json_each(:columns))"))
        postgresql.append(text("tickets.column_id = ANY(:columns)"))
    return Statement(
        finish(tickets, "sqlite").where(*shared, *sqlite),
        postgresql=_look_up(finish, source, [*shared, *postgresql], only),
    )


def _conditions(names: tuple[str, ...]) -> list[Any]:
    several = [name for name in names if name.startswith("assignee_")]
    conditions: list[Any] = [_CONDITIONS[name] for name in names if name in _CONDITIONS]
    return conditions + ([assigned, _t.assignee.in_([bindparam(name) for name in several])] if several else [])


def _has_label() -> ColumnElement[bool]:
    """Whether the label index has the ticket. As a scalar it can't become a join."""
    return _LABELLED_IDS.where(_l.ticket_id == _t.id).correlate(tickets).scalar_subquery().is_not(None)


def _look_up(finish: Finish, source: Source, conditions: list[Any], only: tuple[str, ...]) -> Select[Any]:
    """The statement on PostgreSQL: with another source than the board, each ticket is looked up by its id.

    OFFSET keeps the look-up from becoming a join whose order the planner chooses.
    """
    if source == "board":
        return finish(tickets, "postgresql").where(*conditions)
    index: FromClause = ticket_labels if source == "labels" else _search
    fields = [_t[name] for name in only] or [*_t]
    by_id = select(*fields).where(_t.id == index.c.ticket_id, _IN_TABLE, *conditions)
    looked_up = by_id.offset(literal_column("0")).lateral("looked_up")
    return (
        finish(looked_up, "postgresql")
        .select_from(index.join(looked_up, true()))
        .where(_HAS_LABEL if source == "labels" else _MATCHES)
    )
