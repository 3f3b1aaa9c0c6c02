"""The tickets of a list: those that a filter of the server or of this command selects, sorted, and a page of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_sdk.calls import boards, tickets
from kanban_sdk.calls.tickets import TicketFilters
from kanban_sdk.wire.boards import Board, matching
from kanban_sdk.wire.limits import PAGE_MOST

SORT_FIELDS = ("priority", "due", "created", "updated", "title", "id")
_LEVELS = {"critical": (0,), "urgent": (0,), "high": (1,), "medium": (2,), "low": (3,)}

TicketData = dict[str, Any]
"""A ticket as the server sends it."""


@dataclass(frozen=True)
class TicketQuery:
    """A selection of tickets.

    `filters` are those of the server. `status` is a column, a role, `open` (not done) or `closed` (done). `since` is a
    UTC timestamp. `sort` is one of `SORT_FIELDS`; without it the order is the board's. `page` counts from 1; with
    `all`, everything is on one page.
    """

    filters: TicketFilters = field(default_factory=TicketFilters)
    status: str | None = None
    created_by: str | None = None
    since: str | None = None
    sort: str | None = None
    reverse: bool = False
    limit: int = 50
    page: int = 1
    all: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether one request of the server answers it."""
        local = (self.status, self.created_by, self.since, self.sort)
        return not (any(local) or self.reverse or self.all)

    def selects(self, ticket: TicketData) -> bool:
        """Whether the ticket passes the filters that the server does not have."""
        created_by = self.created_by is None or ticket["created_by"] == self.created_by
        return created_by and (self.since is None or ticket["updated_at"] >= self.since)


def load_page(invocation: Invocation, board_id: int, query: TicketQuery) -> dict[str, Any]:
    """Load a page of tickets in the server's format. Raises CommandError if the status is unknown."""
    if query.is_plain:
        return invocation.send_raw(  # type: ignore[no-any-return]
            tickets.page(board_id, **query.filters, page=query.page, page_size=query.limit)
        )
    columns = None
    if query.status is not None:
        columns = select_columns(invocation.send(boards.get(board_id)), query.status)
    last = None if query.all else query.page * query.limit
    items, total = _collect(invocation, board_id, query, columns, last)
    first = 0 if query.all else (query.page - 1) * query.limit
    size = len(items) if query.all else query.limit
    pages = 1 if query.all else -(-total // query.limit)
    return {
        "items": items[first:last],
        "total": total,
        "page": 1 if query.all else query.page,
        "page_size": size,
        "total_pages": pages,
        "has_next": not query.all and query.page < pages,
        "has_previous": not query.all and query.page > 1,
    }


def count_tickets(invocation: Invocation, board_id: int, filters: TicketFilters, columns: Sequence[str]) -> int:
    """Count the tickets in columns that a filter selects."""
    return sum(
        invocation.send_raw(tickets.page(board_id, **_of_column(filters, column), page_size=1))["total"]
        for column in columns
    )


def select_columns(board: Board, status: str) -> list[str]:
    """Return the columns that a status names: one column, those of a role, or all that are open or closed."""
    key = matching(status)
    if key in {matching(name) for name in board.columns}:
        return [name for name in board.columns if matching(name) == key]
    roles = {"open": {"todo", "working", "waiting"}, "closed": {"done"}}.get(key, {key})
    columns = [column.name for column in board.column_settings if column.role in roles]
    if not columns and key not in {"todo", "working", "waiting", "done", "open", "closed"}:
        detail = (
            f"'{status}' is neither a column nor a role. Columns: {', '.join(board.columns)}."
            " Roles: todo, working, waiting, done. Or: open, closed."
        )
        raise CommandError(USAGE, detail, fix="kanban list --status open")
    return columns


def _collect(
    invocation: Invocation, board_id: int, query: TicketQuery, columns: Sequence[str] | None, last: int | None
) -> tuple[list[TicketData], int]:
    """Return the selected tickets, in order, and how many there are; in the board's order only the first `last`."""
    in_board_order = not (query.sort or query.reverse or query.created_by or query.since)
    items: list[TicketData] = []
    total = 0
    for filters in [query.filters] if columns is None else [_of_column(query.filters, name) for name in columns]:
        if in_board_order and last is not None and len(items) >= last:
            total += invocation.send_raw(tickets.page(board_id, **filters, page_size=1))["total"]
            continue
        for page in _pages(invocation, board_id, filters):
            items += [ticket for ticket in page["items"] if query.selects(ticket)]
            if in_board_order and last is not None and len(items) >= last:
                break
        total += page["total"]
    if query.sort:
        items.sort(key=_sort_key(query.sort), reverse=query.sort in {"created", "updated"})
    if query.reverse:
        items.reverse()
    return items, total if in_board_order else len(items)


def _of_column(filters: TicketFilters, column: str) -> TicketFilters:
    filters = filters.copy()
    filters["column"] = column
    return filters


def _pages(invocation: Invocation, board_id: int, filters: TicketFilters) -> Iterator[dict[str, Any]]:
    number, has_next = 1, True
    while has_next:
        page = invocation.send_raw(tickets.page(board_id, **filters, page=number, page_size=PAGE_MOST))
        yield page
        number, has_next = number + 1, page["has_next"]


def _sort_key(field_name: str) -> Callable[[TicketData], Any]:
    keys: dict[str, Callable[[TicketData], Any]] = {
        "priority": lambda ticket: _priority_parts(ticket["priority"]),
        "due": lambda ticket: ticket.get("due_date") or "9999",
        "created": lambda ticket: ticket["created_at"],
        "updated": lambda ticket: ticket["updated_at"],
        "title": lambda ticket: ticket["title"].casefold(),
        "id": lambda ticket: ticket["id"],
    }
    return keys[field_name]


def _priority_parts(priority: str) -> tuple[int, ...]:
    level = _LEVELS.get(priority.casefold())
    if level is not None:
        return level
    return tuple(int(part) if part.isdecimal() else 9 for part in priority.split("."))
