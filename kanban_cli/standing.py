"""How things stand for one user on one board: what they hold, what is ready, what calls upon them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.calls import boards, inbox, tickets

FEW = 5
"""Tickets and comments that are looked up, of each kind."""


@dataclass(frozen=True)
class Standing:
    """What a user has to know before the next step. The lists are the first of so many."""

    board: Any
    user: str | None
    holds: list[Any] = field(default_factory=list)
    holds_total: int = 0
    ready: list[Any] = field(default_factory=list)
    ready_total: int = 0
    unread: list[Any] = field(default_factory=list)
    unread_total: int = 0
    elsewhere: str | None = None
    """The kind of another live connection under the user's name, if there is one."""


def standing(send: Callable[[Any], Any], board: int, names: Sequence[str]) -> Standing:
    """Look it all up, in a handful of requests. `names` are the user's, the present one first; none is nobody."""
    user = names[0] if names else None
    found = send(boards.get(board))
    best = send(boards.next_ticket(board)).ticket
    ready = send(tickets.page(board, ready=True, page_size=FEW))
    firsts = [best] if best else []
    firsts += [ticket for ticket in ready.items if best is None or ticket.id != best.id]
    if user is None:
        return Standing(found, None, ready=firsts[:FEW], ready_total=ready.total)
    present = [one for one in send(boards.presence(board)).users if one.username in names]
    holds = [id for one in present for id in one.holds]
    unread = send(inbox.unread())
    return Standing(
        found,
        user,
        holds=[send(tickets.get(id)) for id in holds[:FEW]],
        holds_total=len(holds),
        ready=firsts[:FEW],
        ready_total=ready.total,
        unread=unread.items[:FEW],
        unread_total=unread.total,
        elsewhere=next((one.client for one in present if one.client), None),
    )
