"""Status of one board for one user: held tickets, ready tickets, unread comments and questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


def waits_for_reply(ticket: "Ticket") -> bool:
    """Whether a held ticket waits for the answer to a question."""
    return ticket.open_question is not None


@dataclass(frozen=True)
class BoardSummary:
    """The held, ready and unread items of a user on a board. Each list has the first items of its total."""

    board: "Board"
    user: str | None
    holds: "list[Ticket]" = field(default_factory=list)
    holds_total: int = 0
    ready: "list[Ticket]" = field(default_factory=list)
    """The first ready tickets, in the order in which `next` gives them."""
    ready_total: int = 0
    held_total: int = 0
    """Tickets that somebody holds."""
    waiting_total: int = 0
    """Tickets that are not done, not ready, and not held."""
    holds_here: bool = False
    """Whether this session made the claims."""
    unread: "list[InboxItem]" = field(default_factory=list)
    unread_total: int = 0
    other_client: str | None = None
    """Kind of another live connection under the user's name, if any."""


def load_summary(send: Send, board: int, names: Sequence[str], can: Sequence[str] | None = None) -> BoardSummary:
    """Load the summary in a few requests. `names` are the user's, the current one first; empty means no user."""
    user = names[0] if names else None
    board_details = send(boards.get(board))
    chosen = send(boards.next_ticket(board, following=MAX_ITEMS - 1, can=can))
    ready = [chosen.ticket, *(chosen.following or [])] if chosen.ticket else []
    ready_total = send(tickets.page(board, ready=True, page_size=1)).total
    held_total = send(tickets.page(board, held=True, page_size=1)).total
    done = {column.name for column in board_details.column_settings if column.role == "done"}
    open_total = sum(count for name, count in board_details.counts.items() if name not in done)
    summary = BoardSummary(
        board_details,
        user,
        ready=ready,
        ready_total=ready_total,
        held_total=held_total,
        waiting_total=max(0, open_total - ready_total - held_total),
    )
    if user is None:
        return summary
    connections = [connection for connection in send(boards.presence(board)).users if connection.username in names]
    holds = [id for connection in connections for id in connection.holds]
    unread = send(inbox.unread())
    return replace(
        summary,
        holds=[send(tickets.get(id)) for id in holds[:MAX_ITEMS]],
        holds_total=len(holds),
        unread=unread.items[:MAX_ITEMS],
        unread_total=unread.total,
        other_client=next((connection.client for connection in connections if connection.client), None),
    )
