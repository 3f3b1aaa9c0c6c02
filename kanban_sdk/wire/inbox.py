"""The inbox of mentions and questions, and the response to a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.shape import Shape, list_of, readers
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class InboxItem(Shape):
    """A comment that concerns a user, or that a watched ticket is done.

    `kind` is `mention`, `ask` if it waits for an answer, `watched` for another comment on a watched ticket, or `done`:
    then `comment_id` is 0, as there is no comment, `text` is empty, and `author` is who finished the ticket. `seq` is
    the number of its event in the board's log.
    """

    board_id: int
    seq: int
    ticket_id: int
    title: str
    comment_id: int
    author: str
    text: str
    created_at: str
    kind: str


@dataclass(frozen=True)
class Inbox(Shape):
    """A user's unread items, oldest first: the first `items` of `total`.

    `cursors` are the positions after the last item of each board: a user who has read up to them has read these items.
    """

    items: list[InboxItem]
    total: int
    cursors: dict[str, str] = field(default_factory=dict)

    READERS = readers(items=list_of(InboxItem.read))


@dataclass(frozen=True)
class Watch(Shape):
    """Whether the user watches a ticket: its comments, and that it is done, come into their inbox."""

    ticket_id: int
    watching: bool


@dataclass(frozen=True)
class Question(Shape):
    """A question that was asked. The reply is the next comment by another user after `cursor`."""

    ticket: Ticket
    comment: Comment
    cursor: str

    READERS = readers(ticket=Ticket.read, comment=Comment.read)


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Asked": "Question",
        },
    )
