"""What a ticket lacks when it enters a done column."""

from __future__ import annotations

from collections.abc import Iterable

from kanban_sdk.wire.boards import REQUIREMENTS, Requirement
from kanban_sdk.wire.tickets import Ticket


def unmet(ticket: Ticket) -> list[Requirement]:
    """What is unmet: criteria that are not ticked, a question without a reply, open blockers, open children."""
    open_ones = {
        "criteria": ticket.criteria is not None and ticket.criteria.done < ticket.criteria.all,
        "answers": ticket.open_question is not None,
        "blockers": ticket.open_blockers > 0,
        "children": ticket.open_children > 0,
    }
    return [name for name in REQUIREMENTS if open_ones[name]]


def in_order(names: Iterable[Requirement]) -> list[Requirement]:
    """The requirements as a board stores them: each once, in a fixed order."""
    wanted = {*names}
    return [name for name in REQUIREMENTS if name in wanted]
