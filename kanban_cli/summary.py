"""Status of one board for one user: held tickets, ready tickets, unread comments and questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.calls import boards, inbox, tickets

MAX_ITEMS = 5
"""Maximum of tickets and of comments that are loaded, of each kind."""


@dataclass(frozen=True)
class BoardSummary:
    """What a user needs to know before the next step. Each list has the first items of its total."""

    board: Any
    user: str | None
    holds: list[Any] = field(default_factory=list)
    holds_total: int = 0
    ready: list[Any] = field(default_factory=list)
    ready_total: int = 0
    unread: list[Any] = field(default_factory=list)
    unread_total: int = 0
    other_client: str | None = None
    """Kind of another live connection under the user's name, if any."""


def load_summary(send: Callable[[Any], Any], board: int, names: Sequence[str]) -> BoardSummary:
    """Load the summary in a few requests. `names` are the user's, the current one first; empty means no user."""
    user = names[0] if names else None
    board_details = send(boards.get(board))
    next_ticket = send(boards.next_ticket(board)).ticket
    ready = send(tickets.page(board, ready=True, page_size=MAX_ITEMS))
    ready_tickets = [next_ticket] if next_ticket else []
    ready_tickets += [ticket for ticket in ready.items if next_ticket is None or ticket.id != next_ticket.id]
    if user is None:
        return BoardSummary(board_details, None, ready=ready_tickets[:MAX_ITEMS], ready_total=ready.total)
    connections = [connection for connection in send(boards.presence(board)).users if connection.username in names]
    holds = [id for connection in connections for id in connection.holds]
    unread = send(inbox.unread())
    return BoardSummary(
        board_details,
        user,
        holds=[send(tickets.get(id)) for id in holds[:MAX_ITEMS]],
        holds_total=len(holds),
        ready=ready_tickets[:MAX_ITEMS],
        ready_total=ready.total,
        unread=unread.items[:MAX_ITEMS],
        unread_total=unread.total,
        other_client=next((connection.client for connection in connections if connection.client), None),
    )
