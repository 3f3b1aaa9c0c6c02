"""Lists of tickets: of one board, filtered and sorted, and a search over all boards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from kanban_sdk.calls.call import Call
from kanban_sdk.wire.tickets import TicketPage

if TYPE_CHECKING:
    from kanban_sdk.wire.search import SearchPage

Sort = Literal["priority", "due", "created", "updated", "title", "id"]


class TicketFilters(TypedDict, total=False):
    """The filters of `page`, and its order."""

    column: str | None
    assignee: str | None
    label: str | None
    search: str | None
    ready: bool
    blocked: bool
    held: bool
    priority: str | None
    due: str | None
    archived: bool
    deleted: bool
    status: str | None
    created_by: str | None
    since: str | None
    sort: Sort | None
    reverse: bool


def page(
    board: int,
    *,
    column: str | None = None,
    assignee: str | None = None,
    label: str | None = None,
    search: str | None = None,
    ready: bool = False,
    blocked: bool = False,
    held: bool = False,
    priority: str | None = None,
    due: str | None = None,
    archived: bool = False,
    deleted: bool = False,
    status: str | None = None,
    created_by: str | None = None,
    since: str | None = None,
    sort: Sort | None = None,
    reverse: bool = False,
    page: int | None = None,
    page_size: int | None = None,
) -> Call[TicketPage]:
    """A page of a board's tickets, by column and from the top; `page` counts from 1, `page_size` is at most 500.

    Filters: `search` finds tickets that contain words starting with each of its words, ignoring case and accents;
    `ready` those that can be claimed now; `blocked` those that are not done and wait for others; `held` those with
    a holder; `due` those that are not done and due before a day (`YYYY-MM-DD`); `archived` those in the archive,
    and `deleted` those in the trash, instead of those on the board; `status` those of a column, of columns with a
    role, or `open` (not done) or `closed`; `since` those that changed at a time (ISO-8601) or later. `sort` is
    another order, in which `created` and `updated` begin with the newest; `reverse` reverses the order. Raises
    NotFound, UnknownColumn, Invalid.
    """
    query = {
        "board_id": board,
        "column": column,
        "assignee": assignee,
        "label": label,
        "search": search,
        "ready": ready or None,
        "blocked": blocked or None,
        "held": held or None,
        "priority": priority,
        "due": due,
        "archived": archived or None,
        "deleted": deleted or None,
        "status": status,
        "created_by": created_by,
        "since": since,
        "sort": sort,
        "reverse": reverse or None,
        "page": page,
        "page_size": page_size,
    }
    return Call("GET", "/api/tickets", TicketPage.read, query=query)


def search(text: str, *, limit: int | None = None, cursor: str | None = None) -> Call[SearchPage]:
    """Tickets on all boards that you may see, newest first, each with the name of its board; at most 500 on a page.

    The result's `cursor` is for the next page. For one board use `page` with `search`. Raises Invalid.
    """
    from kanban_sdk.wire.search import SearchPage

    query = {"q": text, "limit": limit, "cursor": cursor}
    return Call("GET", "/api/search", SearchPage.read, query=query)
