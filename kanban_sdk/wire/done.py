"""The result of finishing a ticket."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.shape import Shape, readers
from kanban_sdk.wire.tickets import NextTicket, Ticket


@dataclass(frozen=True)
class DoneResult(Shape):
    """A ticket that was finished, the comment with its note, and the next ticket, if one was wanted."""

    ticket: Ticket
    comment: Comment | None = None
    next: NextTicket | None = None

    READERS = readers(ticket=Ticket.read, comment=Comment.read, next=NextTicket.read)
