"""Actions on a comment. Comments do not change a ticket's version."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.comment_bodies import NewComment
from kanban_sdk.wire.comments import Comment
from kanban_server.actions import inbox, leases
from kanban_server.actions.audit_fields import index_ticket
from kanban_server.rules import validation
from kanban_server.rules.actors import RESERVED_NAMES, Actor
from kanban_server.rules.markdown.mentions import find_mentions
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import authorship, boards, comments, search, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def add(tx: Transaction, actor: Actor, request: NewComment) -> Comment:
    """Comment on a ticket. This needs no claim; the holder's comment renews the lease."""
    board = boards.lock_by_ticket(tx, request.ticket_id)
    row = tickets.row_on_board(board, request.ticket_id)
    leases.renew_if_holder(board, actor, row)
    return write_comment(board, actor, row, request.text)


def write_comment(board: LockedBoard, actor: Actor, row: TicketRow, text: str, *, question: bool = False) -> Comment:
    """Write a comment on a ticket of a locked board, and notify the users it mentions.

    A comment answers the open question, unless its author asked it. A question that mentions nobody notifies the
    ticket's creator.
    """
    comment = comments.insert_comment(
        board.tx,
        ticket_id=row["id"],
        board_id=board.id,
        text=validation.check_comment(text),
        author=actor.name,
        created_at=board.now,
    )
    board.update_ticket(
        row,
        comment_count=row["comment_count"] + 1,
        open_question=comment.id if question else _open_question(board, actor, row),
    )
    data = {**comment_event_fields(comment), "comment_count": row["comment_count"]}
    search.add_text(board.tx, row["id"], comment.text)
    board.record(actor, "comment_added", data, ticket_id=row["id"])
    recipients = data["mentions"] or [name for name in [row["created_by"]] if question and name not in RESERVED_NAMES]
    inbox.notify(board, actor, recipients, comment, board.last_seq, "ask" if question else "mention")
    return comment


def edit(tx: Transaction, actor: Actor, comment_id: int, text: str) -> Comment:
    """Change the text of the actor's own comment. Refused: `not-author`."""
    board, row, comment = _lock_own_comment(tx, actor, comment_id)
    updated = comment.but(text=validation.check_comment(text), updated_at=board.now)
    if updated.text == comment.text:
        return comment
    tx.run(comments.UPDATE_TEXT, comment_id=comment_id, text=updated.text, updated_at=updated.updated_at)
    _index_and_record(board, actor, "comment_updated", comment_event_fields(updated), row)
    inbox.tell_anew(board, actor, find_mentions(comment.text), updated, board.last_seq)
    return updated


def delete(tx: Transaction, actor: Actor, comment_id: int) -> Message:
    """Delete the actor's own comment. On a server with users, an admin of the board may delete any.

    Refused: `not-author`.
    """
    board, row, comment = _lock_own_comment(tx, actor, comment_id, or_admin=not tx.viewer.open)
    tx.run(comments.MARK_DELETED, comment_id=comment_id, deleted_at=board.now)
    question = None if row["open_question"] == comment_id else row["open_question"]
    board.update_ticket(row, comment_count=row["comment_count"] - 1, open_question=question)
    data = {"id": comment.id, "ticket_id": row["id"], "board_id": board.id, "comment_count": row["comment_count"]}
    _index_and_record(board, actor, "comment_deleted", {**data, "deleted_by": actor.name}, row)
    return Message(f"Comment {comment.id} is deleted.")


def _lock_own_comment(
    tx: Transaction, actor: Actor, comment_id: int, *, or_admin: bool = False
) -> tuple[LockedBoard, TicketRow, Comment]:
    ticket_id = comments.read_comment(tx, comment_id).ticket_id
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.row_on_board(board, ticket_id)
    leases.renew_if_holder(board, actor, row)
    comment = comments.read_comment(tx, comment_id)
    if tx.viewer.open:
        is_author = comment.author == actor.name
    else:
        is_author = actor.id is not None and authorship.is_comment_author(
            tx, actor.id, ticket_id, comment_id, comment.author
        )
    if not is_author and not (or_admin and board.role == "admin"):
        raise Refusal(
            "not-author",
            f"{comment.author} wrote comment {comment_id}, and only its author changes it.",
            fix="Write a comment of your own.",
            author=comment.author,
        )
    return board, row, comment


def _open_question(board: LockedBoard, actor: Actor, row: TicketRow) -> int | None:
    """The question that stays open after a comment of the actor: only one that they asked themselves."""
    question: int | None = row["open_question"]
    if question is None or board.tx.value(comments.AUTHOR, comment_id=question) != actor.name:
        return None
    return question


def comment_event_fields(comment: Comment) -> dict[str, Any]:
    """The comment's fields in an event."""
    fields = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    return {**fields, "mentions": find_mentions(comment.text)}


def _index_and_record(board: LockedBoard, actor: Actor, event: str, data: dict[str, object], row: TicketRow) -> None:
    index_ticket(board, row)
    board.record(actor, event, data, ticket_id=row["id"])
