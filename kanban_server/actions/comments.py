"""What can be done with a comment. A ticket's version does not count its comments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import NewComment
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.writing import searched
from kanban_server.rules import mentions, texts
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, comments, search, tickets
from kanban_server.store.boards import LockedBoard
from kanban_server.store.transaction import Transaction


def add(tx: Transaction, actor: Actor, new: NewComment) -> Comment:
    """Comment on a ticket."""
    board = boards.lock_of_ticket(tx, new.ticket_id)
    ticket = tickets.on(board, new.ticket_id)
    comment = comments.write(
        tx,
        ticket_id=ticket.id,
        board_id=board.id,
        text=texts.comment(new.text),
        author=actor.name,
        created_at=board.now,
    )
    count = ticket.comment_count + 1
    tx.run(tickets.COMMENTS, ticket_id=ticket.id, comment_count=count)
    _tell(board, actor, "comment_added", {**_said(comment), "comment_count": count}, ticket, count)
    return comment


def edit(tx: Transaction, actor: Actor, comment_id: int, text: str) -> Comment:
    """Change the text of a comment of one's own."""
    board, ticket, comment = _own(tx, actor, comment_id)
    edited = replace(comment, text=texts.comment(text), updated_at=board.now)
    if edited.text == comment.text:
        return comment
    tx.run(comments.EDIT, comment_id=comment_id, text=edited.text, updated_at=edited.updated_at)
    _tell(board, actor, "comment_updated", _said(edited), ticket, ticket.comment_count)
    return edited


def delete(tx: Transaction, actor: Actor, comment_id: int) -> Message:
    """Delete a comment of one's own."""
    board, ticket, comment = _own(tx, actor, comment_id)
    count = ticket.comment_count - 1
    tx.run(comments.DELETE, comment_id=comment_id, deleted_at=board.now)
    tx.run(tickets.COMMENTS, ticket_id=ticket.id, comment_count=count)
    data = {"id": comment.id, "ticket_id": ticket.id, "board_id": board.id, "comment_count": count}
    _tell(board, actor, "comment_deleted", {**data, "deleted_by": actor.name}, ticket, count)
    return Message(f"Comment {comment.id} is deleted.")


def _own(tx: Transaction, actor: Actor, comment_id: int) -> tuple[LockedBoard, Ticket, Comment]:
    ticket_id = comments.read(tx, comment_id).ticket_id
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    comment = comments.read(tx, comment_id)
    if comment.author != actor.name:
        raise Refusal(
            "not-author",
            f"{comment.author} wrote comment {comment_id}, and only its author changes it.",
            fix="Write a comment of your own.",
            author=comment.author,
        )
    return board, ticket, comment


def _said(comment: Comment) -> dict[str, Any]:
    said = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    return {**said, "mentions": mentions.mentions(comment.text)}


def _tell(board: LockedBoard, actor: Actor, event: str, data: dict[str, Any], ticket: Ticket, count: int) -> None:
    search.index(board.tx, ticket.id, searched(ticket), comment_count=count)
    board.record(actor, event, data, ticket_id=ticket.id)
