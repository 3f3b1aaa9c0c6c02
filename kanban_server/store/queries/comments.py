"""Comments: the statements that read and write them."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from kanban_sdk.wire.comments import Comment
from kanban_server.rules.problems import not_found
from kanban_server.store.statements import Statement
from kanban_server.store.tables import comments
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

_INSERT_FIELDS = ("ticket_id", "board_id", "text", "author", "created_at")
_BY_ID = comments.c.id == bindparam("comment_id")

INSERT = Statement(insert(comments).values({name: bindparam(name) for name in _INSERT_FIELDS}).returning(comments.c.id))
BY_ID = VisibleTo(select(comments).where(_BY_ID, comments.c.deleted_at.is_(None)), comments.c.board_id, "board_id")
BY_TICKET = Statement(
    select(comments)
    .where(comments.c.ticket_id == bindparam("ticket_id"), comments.c.deleted_at.is_(None))
    .order_by(comments.c.id)
)
NEWEST = Statement(
    select(comments)
    .where(comments.c.ticket_id == bindparam("ticket_id"), comments.c.deleted_at.is_(None))
    .order_by(comments.c.id.desc())
    .limit(1)
)
AUTHOR = Statement(select(comments.c.author).where(_BY_ID))
UPDATE_TEXT = Statement(
    update(comments).where(_BY_ID).values(text=bindparam("text"), updated_at=bindparam("updated_at"))
)
MARK_DELETED = Statement(update(comments).where(_BY_ID).values(deleted_at=bindparam("deleted_at")))


def to_wire(row: Row) -> Comment:
    """A comment's row as sent to clients."""
    return Comment(
        id=row["id"],
        ticket_id=row["ticket_id"],
        board_id=row["board_id"],
        text=row["text"],
        author=row["author"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def read_comment(tx: ReadTransaction, comment_id: int) -> Comment:
    """A comment. Refused: `not-found`."""
    row = BY_ID.one(tx, comment_id=comment_id)
    if row is None:
        raise not_found("comment", comment_id)
    return to_wire(row)


def read_comments(tx: ReadTransaction, ticket_id: int) -> list[Comment]:
    """A ticket's comments, oldest first."""
    return [to_wire(row) for row in tx.all(BY_TICKET, ticket_id=ticket_id)]


def newest_comment(tx: ReadTransaction, ticket_id: int) -> Comment | None:
    """A ticket's newest comment."""
    row = tx.one(NEWEST, ticket_id=ticket_id)
    return None if row is None else to_wire(row)


def insert_comment(
    tx: Transaction, *, ticket_id: int, board_id: int, text: str, author: str, created_at: str
) -> Comment:
    """Write a new comment."""
    values = {"ticket_id": ticket_id, "board_id": board_id, "text": text, "author": author, "created_at": created_at}
    return to_wire({**values, "id": tx.value(INSERT, **values), "updated_at": None})
