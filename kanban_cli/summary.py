"""Status of one board for one user: held tickets, ready tickets, unread comments and questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from kanban_sdk.calls import Call, boards, inbox, tickets

if TYPE_CHECKING:
    from kanban_sdk.wire.boards import Board
    from kanban_sdk.wire.inbox import InboxItem
    from kanban_sdk.wire.tickets import Ticket

T = TypeVar("T")

MAX_ITEMS = 5
"""Maximum of tickets and of comments that are loaded, of each kind."""


class Send(Protocol):
    """Sends a call and returns its result."""

    def __call__(self, call: Call[T], /) -> T:
        """Send a call."""


@dataclass(frozen=True)
class BoardSummary:
    """The held, ready and unread items of a user on a board. Each list has the first items of its total."""

    board: "Board"
    user: str | None
    holds: "list[Ticket]" = field(default_factory=list)
    holds_total: int = 0
    ready: "list[Ticket]" = field(default_factory=list)
    ready_total: int = 0
    unread: "list[InboxItem]" = field(default_factory=list)
    unread_total: int = 0
    other_client: str | None = None
    """Kind of another live connection under the user's name, if any."""


def load_summary(send: Send, board: int, names: Sequence[str]) -> BoardSummary:
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
