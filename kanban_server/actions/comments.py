"""What can be done with a comment. A ticket's version does not count its comments."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import NewComment
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import holding, inboxes
from kanban_server.actions.writing import searched
from kanban_server.rules import texts
from kanban_server.rules.mentions import mentions
from kanban_server.rules.names import RESERVED, Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, comments, journal, search, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction


def add(tx: Transaction, actor: Actor, new: NewComment) -> Comment:
    """Comment on a ticket, whoever holds it; its holder's comment renews the lease."""
    board = boards.lock_of_ticket(tx, new.ticket_id)
    ticket = tickets.on(board, new.ticket_id)
    holding.renew_own(board, actor, ticket.id)
    return write(board, actor, ticket, new.text)


def write(board: LockedBoard, actor: Actor, ticket: Ticket, text: str, *, question: bool = False) -> Comment:
    """Write a comment on a ticket of a board that is locked, and put it before those whom it calls upon.

    A question that mentions nobody is for the ticket's creator.
    """
    comment = comments.write(
        board.tx,
        ticket_id=ticket.id,
        board_id=board.id,
        text=texts.comment(text),
        author=actor.name,
        created_at=board.now,
    )
    count = ticket.comment_count + 1
    if question:
        board.tx.run(tickets.ASKED, ticket_id=ticket.id, comment_count=count, open_question=comment.id)
    else:
        board.tx.run(tickets.COMMENTED, ticket_id=ticket.id, comment_count=count, author=actor.name)
    data = {**said(comment), "comment_count": count}
    search.extend(board.tx, ticket.id, comment.text)
    board.record(actor, "comment_added", data, ticket_id=ticket.id)
    called = data["mentions"] or [name for name in [ticket.created_by] if question and name not in RESERVED]
    inboxes.tell(board, actor, called, comment, board.newest, "ask" if question else "mention")
    return comment


def edit(tx: Transaction, actor: Actor, comment_id: int, text: str) -> Comment:
    """Change the text of a comment of one's own."""
    board, ticket, comment = _own(tx, actor, comment_id)
    edited = comment.but(text=texts.comment(text), updated_at=board.now)
    if edited.text == comment.text:
        return comment
    tx.run(comments.EDIT, comment_id=comment_id, text=edited.text, updated_at=edited.updated_at)
    _tell(board, actor, "comment_updated", said(edited), ticket, ticket.comment_count)
    inboxes.tell_anew(board, actor, mentions(comment.text), edited, board.newest)
    return edited


def delete(tx: Transaction, actor: Actor, comment_id: int) -> Message:
    """Delete a comment of one's own; where there are users, an admin of the board deletes any."""
    board, ticket, comment = _own(tx, actor, comment_id, or_admin=not tx.viewer.open)
    count = ticket.comment_count - 1
    tx.run(comments.DELETE, comment_id=comment_id, deleted_at=board.now)
    tx.run(tickets.UNCOMMENTED, ticket_id=ticket.id, comment_count=count, comment_id=comment_id)
    data = {"id": comment.id, "ticket_id": ticket.id, "board_id": board.id, "comment_count": count}
    _tell(board, actor, "comment_deleted", {**data, "deleted_by": actor.name}, ticket, count)
    return Message(f"Comment {comment.id} is deleted.")


def _own(
    tx: Transaction, actor: Actor, comment_id: int, *, or_admin: bool = False
) -> tuple[LockedBoard, Ticket, Comment]:
    ticket_id = comments.read(tx, comment_id).ticket_id
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = tickets.on(board, ticket_id)
    holding.renew_own(board, actor, ticket_id)
    comment = comments.read(tx, comment_id)
    if tx.viewer.open:
        own = comment.author == actor.name
    else:
        own = actor.id is not None and journal.wrote_comment(tx, actor.id, ticket_id, comment_id, comment.author)
    if not own and not (or_admin and board.role == "admin"):
        raise Refusal(
            "not-author",
            f"{comment.author} wrote comment {comment_id}, and only its author changes it.",
            fix="Write a comment of your own.",
            author=comment.author,
        )
    return board, ticket, comment


def said(comment: Comment) -> dict[str, Any]:
    """The comment, as an event says it."""
    fields = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    return {**fields, "mentions": mentions(comment.text)}


def _tell(board: LockedBoard, actor: Actor, event: str, data: dict[str, Any], ticket: Ticket, count: int) -> None:
    search.index(board.tx, ticket.id, searched(ticket), comment_count=count)
    board.record(actor, event, data, ticket_id=ticket.id)
