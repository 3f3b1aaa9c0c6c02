"""A page of a board's tickets, at the same cost for every size of board.

Tickets are ordered by column, then from the top. The number of tickets in each column is known from the board's counts
or, under a filter, from one count query, so columns before the page are skipped without reading them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.boards import Column
from kanban_server.rules import columns as column_rules
from kanban_server.rules import priorities
from kanban_server.store.queries import page_statements, search
from kanban_server.store.queries.boards import BoardRecord
from kanban_server.store.queries.page_statements import SEARCHED, Sort, Source
from kanban_server.store.transaction import ReadTransaction, Row


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
    deleted: bool = False
    """Only deleted tickets, instead of those on the board."""
    names: tuple[str, ...] = ()
    """All names of the assignee, if there are several."""
    status: str | None = None
    """Only tickets of this column or of columns with this role, or `open` or `closed` ones."""
    created_by: str | None = None
    since: str | None = None
    """Only tickets that changed at this time or later."""
    sort: Sort | None = None
    """The order; by default the board's, column by column from the top."""
    reverse: bool = False

    def columns(self, board: BoardRecord) -> list[Column]:
        """The columns that can contain matching tickets. Refused: `unknown-column`."""
        columns = board.board.column_settings if self.column is None else [board.column(self.column)]
        if self.status is not None:
            of_status = column_rules.columns_of_status(board.board.column_settings, self.status)
            columns = [column for column in columns if column in of_status]
        if self.ready:
            return [column for column in columns if column.role == "todo"]
        if self.blocked or self.due:
            return [column for column in columns if column.role != "done"]
        return columns

    def conditions(self) -> dict[str, object]:
        """The names of the active conditions, each with its parameter."""
        conditions: dict[str, object] = {"deleted" if self.deleted else "archived" if self.archived else "alive": None}
        if self.assignee is not None:
            conditions |= self._assigned(self.assignee)
        if self.label is not None:
            conditions["label"] = self.label
        if self.priority is not None:
            conditions["priority"] = priorities.sort_key(priorities.check_priority(self.priority))
        for name in ("due", "created_by", "since"):
            if (value := getattr(self, name)) is not None:
                conditions[name] = value
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
    if ticket_filter.search is not None:
        query = search.match_query(tx, ticket_filter.search)
        if query is None:
            return {}, []
        conditions[SEARCHED] = None
    names = tuple(conditions)
    parameters: dict[str, object] = {"board_id": board.board.id}
    parameters |= {name: value for name, value in conditions.items() if value is not None}
    if SEARCHED in conditions:
        parameters["wanted"] = query
    counts = _stored_counts(board, names)
    if counts is None:
        counts = {
            row["column_id"]: row["count"] for row in tx.all(page_statements.count_statement(names), **parameters)
        }
    matches = sum(counts.values())
    ids = [column.id for column in columns]
    whole_board = ticket_filter.column is None and ticket_filter.status is None
    if (ticket_filter.archived or ticket_filter.deleted) and whole_board:
        ids += sorted(counts.keys() - {column.id for column in board.board.column_settings})  # deleted columns
    counts = {id: counts.get(id, 0) for id in ids}
    parameters |= {"skip": offset, "most": limit}
    if ticket_filter.sort is not None:
        if offset >= sum(counts.values()):
            return counts, []
        statement = page_statements.sorted_statement(names, ticket_filter.sort, reverse=ticket_filter.reverse)
        return counts, tx.all(statement, **parameters, columns=tx.array_parameter(ids))
    rows: list[Row] = []
    for column_id, count in reversed(counts.items()) if ticket_filter.reverse else counts.items():
        if offset >= count:
            offset -= count
            continue
        remaining = limit - len(rows)
        if remaining <= 0:
            break
        source = _source(
            names, column_size=board.counts.get(column_id, 0), count=count, matches=matches, end=offset + remaining
        )
        statement = page_statements.column_statement(names, source, reverse=ticket_filter.reverse)
        rows += tx.all(statement, **{**parameters, "column_id": column_id, "skip": offset, "most": remaining})
        offset = 0
    return counts, rows


def _source(names: tuple[str, ...], *, column_size: int, count: int, matches: int, end: int) -> Source:
    """From which index a column's page is read: of `column_size` tickets of the column `count` match.

    A label that many tickets have is looked up for each ticket of the column, in order, until the page is full; of a
    rare one all `matches` on the board are read and sorted.
    """
    source = page_statements.source_of(names)
    if source == "labels" and "alive" in names and column_size and end * column_size < matches * count:
        return "board"
    return source


def _stored_counts(board: BoardRecord, conditions: tuple[str, ...]) -> dict[int, int] | None:
    """The number of matching tickets by column, if it is stored with the board; else None."""
    match conditions:
        case ("alive",):
            return board.counts
        case ("alive", "ready" | "blocked" | "held" as counter_name):
            return {id: getattr(counters, counter_name) for id, counters in board.tallies.items()}
    return None
