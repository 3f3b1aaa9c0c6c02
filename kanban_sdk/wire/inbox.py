"""Who is called upon: mentions and questions, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.shape import Shape
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class InboxItem(Shape):
    """A comment that calls upon somebody. `kind` is `mention`, or `ask` where it waits for an answer.

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
    """What somebody has not read yet, oldest first: the first `items` of `total`.

    `cursors` stand behind the last item of each board: having read up to them is having read these items.
    """

    items: list[InboxItem]
    total: int
    cursors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The inbox as it stands in decoded JSON."""
        return super().read({**data, "items": [InboxItem.read(item) for item in data["items"]]})


@dataclass(frozen=True)
class Asked(Shape):
    """A question that was asked. The reply is the next comment by somebody else behind `cursor`."""

    ticket: Ticket
    comment: Comment
    cursor: str

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The answer as it stands in decoded JSON."""
        nested = {"ticket": Ticket.read(data["ticket"]), "comment": Comment.read(data["comment"])}
        return super().read({**data, **nested})
