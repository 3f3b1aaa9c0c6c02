"""The inbox of mentions and questions, and the response to a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.shape import Shape
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class InboxItem(Shape):
    """A comment that mentions or asks somebody. `kind` is `mention`, or `ask` if it waits for an answer.

    `seq` is the number of its event in the board's log.
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
    """A user's unread mentions and questions, oldest first: the first `items` of `total`.

    `cursors` are the positions after the last item of each board: a user who has read up to them has read these items.
    """

    items: list[InboxItem]
    total: int
    cursors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """Read the inbox from decoded JSON."""
        return super().read({**data, "items": [InboxItem.read(item) for item in data["items"]]})


@dataclass(frozen=True)
class Asked(Shape):
    """A question that was asked. The reply is the next comment by another user after `cursor`."""

    ticket: Ticket
    comment: Comment
    cursor: str

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """Read the response from decoded JSON."""
        nested = {"ticket": Ticket.read(data["ticket"]), "comment": Comment.read(data["comment"])}
        return super().read({**data, **nested})
