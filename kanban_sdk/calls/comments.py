"""Comments."""

from __future__ import annotations

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.shape import list_of


def all(ticket: int, *, deleted: bool = False) -> Call[list[Comment]]:
    """A ticket's comments, oldest first; with `deleted` also those of a deleted ticket. Raises NotFound."""
    return Call(
        "GET", f"/api/comments/ticket/{ticket}", list_of(Comment.read), query={"deleted": True} if deleted else None
    )


def add(ticket: int, text: str) -> Call[Comment]:
    """Comment on a ticket; at most 64 KiB. Raises NotFound, Invalid."""
    return Call("POST", "/api/comments", Comment.read, body=without_none(ticket_id=ticket, text=text))


def edit(comment: int, text: str) -> Call[Comment]:
    """Change the text of a comment of the actor's; at most 64 KiB. Raises NotFound, NotAuthor, TooLarge."""
    return Call("PATCH", f"/api/comments/{comment}", Comment.read, body={"text": text})


def delete(comment: int) -> Call[Message]:
    """Delete a comment of the actor's. Raises NotFound, NotAuthor."""
    return Call("DELETE", f"/api/comments/{comment}", Message.read)
