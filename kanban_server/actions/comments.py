"""Actions on a comment. Comments do not change a ticket's version."""

from __future__ import annotations

from typing import Any

import orjson

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.comment_bodies import NewComment
from kanban_sdk.wire.comments import Comment
from kanban_server.actions import change_warnings, inbox, leases
from kanban_server.actions.audit_fields import index_ticket
from kanban_server.rules import validation
from kanban_server.rules.actors import Actor
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


def write_comment(
    board: LockedBoard, actor: Actor, row: TicketRow, text: str, *, asks: list[str] | None = None
) -> Comment:
    """Write a comment on a ticket of a locked board, and notify the users it mentions.

    A comment answers the open question, unless its author asked it, and the ticket moves back (`leases.end_question`).
    On a server with users it has to be by one of those who are asked, if it asks anybody. With `asks`, it is a question
    to these users; to anybody if there are none.
    """
    comment = comments.insert_comment(
        board.tx,
        ticket_id=row["id"],
        board_id=board.id,
        text=validation.check_comment(text),
        author=actor.name,
        created_at=board.now,
    )
    was_asked = row["open_question"] is not None
    asked_before: list[str] = orjson.loads(row["asked"])
    stays_open = asks is None and _stays_open(board, actor, row, asked_before)
    asked = (asked_before if stays_open else []) if asks is None else asks
    board.update_ticket(
        row,
        comment_count=row["comment_count"] + 1,
        open_question=comment.id if asks is not None else row["open_question"] if stays_open else None,
        asked=orjson.dumps(asked).decode(),
    )
    data = {**comment_event_fields(comment), "comment_count": row["comment_count"]}
    if asked or asked_before:
        data["asked"] = asked
    search.add_text(board.tx, row["id"], comment.text)
    board.record(actor, "comment_added", data, ticket_id=row["id"])
    if asks is not None:
        inbox.notify(board, actor, asks, comment, board.last_seq, "ask")
    inbox.notify(board, actor, data["mentions"], comment, board.last_seq, "mention", without=asks or ())
    inbox.tell_of_comment(board, actor, row, comment, board.last_seq, [*(asks or ()), *data["mentions"]])
    if was_asked and row["open_question"] is None:
        leases.end_question(board, actor, row)
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
    data: dict[str, object] = {"id": comment.id, "ticket_id": row["id"], "board_id": board.id}
    was_asked = row["open_question"] is not None
    if row["open_question"] == comment_id:
        data |= {"asked": []} if row["asked"] != "[]" else {}
        board.update_ticket(row, open_question=None, asked="[]")
    board.update_ticket(row, comment_count=row["comment_count"] - 1)
    data["comment_count"] = row["comment_count"]
    _index_and_record(board, actor, "comment_deleted", {**data, "deleted_by": actor.name}, row)
    if was_asked and row["open_question"] is None:
        leases.end_question(board, actor, row)
    return Message(f"Comment {comment.id} is deleted.")


def _lock_own_comment(
    tx: Transaction, actor: Actor, comment_id: int, *, or_admin: bool = False
) -> tuple[LockedBoard, TicketRow, Comment]:
    ticket_id = comments.read_comment(tx, comment_id).ticket_id
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.row_on_board(board, ticket_id)
    leases.renew_if_holder(board, actor, row)
    comment = comments.read_comment(tx, comment_id)
    if not is_author(tx, actor, comment) and not (or_admin and board.role == "admin"):
        raise Refusal(
            "not-author",
            f"{comment.author} wrote comment {comment_id}, and only its author changes it.",
            fix="Write a comment of your own.",
            author=comment.author,
        )
    return board, row, comment


def is_author(tx: Transaction, actor: Actor, comment: Comment) -> bool:
    """Whether the actor wrote a comment: by user id, or by name on a server without users."""
    if tx.viewer.open:
        return comment.author == actor.name
    return actor.id is not None and authorship.is_comment_author(
        tx, actor.id, comment.ticket_id, comment.id, comment.author
    )


def _stays_open(board: LockedBoard, actor: Actor, row: TicketRow, asked: list[str]) -> bool:
    """Whether the open question stays open after a comment of the actor, who is warned if others are asked."""
    question = row["open_question"]
    if question is None:
        return False
    author = board.tx.value(comments.AUTHOR, comment_id=question)
    if author in actor.names:
        return True
    if board.tx.viewer.open or not asked or not {*asked}.isdisjoint(actor.names):
        return False
    change_warnings.still_asked(board, row, author, asked)
    return True


def comment_event_fields(comment: Comment) -> dict[str, Any]:
    """The comment's fields in an event."""
    fields = {name: getattr(comment, name) for name in comment.__dataclass_fields__}
    return {**fields, "mentions": find_mentions(comment.text)}


def _index_and_record(board: LockedBoard, actor: Actor, event: str, data: dict[str, object], row: TicketRow) -> None:
    index_ticket(board, row)
    board.record(actor, event, data, ticket_id=row["id"])
