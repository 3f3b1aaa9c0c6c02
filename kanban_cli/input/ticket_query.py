"""The tickets of a list: the server filters, sorts and counts them."""

from dataclasses import dataclass, field
from typing import Any

from kanban_cli.invocation import Invocation
from kanban_sdk.calls import tickets
from kanban_sdk.calls.tickets import TicketFilters
from kanban_sdk.wire.limits import PAGE_MOST


@dataclass(frozen=True)
class TicketQuery:
    """A selection of tickets. `page` counts from 1; with `all`, everything is on one page."""

    filters: TicketFilters = field(default_factory=TicketFilters)
    limit: int = 50
    page: int = 1
    all: bool = False

    @property
    def in_board_order(self) -> bool:
        """Whether the tickets are in the order of the board."""
        return not (self.filters.get("sort") or self.filters.get("reverse"))


def load_page(invocation: Invocation, board_id: int, query: TicketQuery) -> dict[str, Any]:
    """Load a page of tickets in the server's format."""
    size = PAGE_MOST if query.all else query.limit
    page: dict[str, Any] = invocation.send_raw(
        tickets.page(board_id, **query.filters, page=1 if query.all else query.page, page_size=size)
    )
    if not query.all:
        return page
    items: list[dict[str, Any]] = page["items"]
    seen = {ticket["id"] for ticket in items}
    while page["has_next"]:
        page = invocation.send_raw(tickets.page(board_id, **query.filters, page=page["page"] + 1, page_size=size))
        items += [ticket for ticket in page["items"] if ticket["id"] not in seen]
        seen |= {ticket["id"] for ticket in page["items"]}
    size = len(items)
    whole = {"page": 1, "page_size": size, "total_pages": 1, "has_next": False, "has_previous": False}
    return {**page, **whole, "items": items, "total": size}


def count_done(invocation: Invocation, board_id: int, filters: TicketFilters) -> int:
    """Count the done tickets that a filter selects."""
    done = filters.copy()
    done["status"] = "closed"
    return int(invocation.send_raw(tickets.page(board_id, **done, page_size=1))["total"])
