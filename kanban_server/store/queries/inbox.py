"""The inbox: the statements that read and write its entries, and how far each user has read."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from sqlalchemy import and_, bindparam, delete, func, insert, select, text

from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, comments, inbox, inbox_read, tickets, watchers
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

INSERT = Statement(insert(inbox).values({column.name: bindparam(column.name) for column in inbox.c}))
_read_position = and_(inbox_read.c.name == inbox.c.name, inbox_read.c.board_id == inbox.c.board_id)
UNREAD = VisibleTo(
    select(inbox, boards.c.epoch, comments.c.created_at.label("commented_at"))
    .join(comments, comments.c.id == inbox.c.comment_id)
    .join(tickets, tickets.c.id == inbox.c.ticket_id)
    .join(boards, boards.c.id == inbox.c.board_id)
    .outerjoin(inbox_read, _read_position)
    .where(
        inbox.c.name == bindparam("name"),
        inbox.c.seq > func.coalesce(inbox_read.c.seq, text("0")),
        comments.c.deleted_at.is_(None),
        tickets.c.deleted_at.is_(None),
        boards.c.deleted_at.is_(None),
    )
    .order_by(comments.c.created_at, inbox.c.board_id, inbox.c.seq),
    inbox.c.board_id,
    "board_id",
)
DONE = VisibleTo(
    select(
        watchers.c.board_id,
        watchers.c.done_seq.label("seq"),
        watchers.c.ticket_id,
        watchers.c.done_by.label("author"),
        watchers.c.done_at.label("created_at"),
        tickets.c.title,
        boards.c.epoch,
    )
    .join(tickets, tickets.c.id == watchers.c.ticket_id)
    .join(boards, boards.c.id == watchers.c.board_id)
    .outerjoin(inbox_read, and_(inbox_read.c.name == watchers.c.name, inbox_read.c.board_id == watchers.c.board_id))
    .where(
        watchers.c.name == bindparam("name"),
        watchers.c.done_seq > func.coalesce(inbox_read.c.seq, text("0")),
        tickets.c.deleted_at.is_(None),
        boards.c.deleted_at.is_(None),
    ),
    watchers.c.board_id,
    "board_id",
)
"""Watched tickets that were done, which is not read yet."""
COMMENT_WITH_TITLE = Statement(
    select(comments.c.text, comments.c.author, comments.c.created_at, tickets.c.title)
    .join(tickets, tickets.c.id == comments.c.ticket_id)
    .where(comments.c.id == bindparam("comment_id"))
)
_ENTRY = (inbox.c.name == bindparam("of_name"), inbox.c.comment_id == bindparam("of_comment"))
HAS = Statement(select(inbox.c.seq).where(*_ENTRY).limit(1))
DROP = Statement(delete(inbox).where(*_ENTRY))
MARK_READ = Statement(
    text(
        "INSERT INTO inbox_read (name, board_id, seq) VALUES (:name, :board_id, :seq)"
        " ON CONFLICT (name, board_id) DO UPDATE SET seq = excluded.seq WHERE inbox_read.seq < excluded.seq"
    ),
    reads=[],
    writes=["inbox_read"],
)


def add_entries(tx: Transaction, names: list[str], **entry: object) -> None:
    """Add a comment to the inboxes of users."""
    for name in names:
        tx.run(INSERT, name=name, **entry)


def read_unread(tx: ReadTransaction, names: tuple[str, ...]) -> list[Row]:
    """The unread entries of a user with these names, oldest first, each once.

    Those of comments are without texts. Those of tickets that others have done are whole; `comment_id` is 0.
    """
    rows = [row for name in names for row in UNREAD.all(tx, name=name)]
    done = [
        {**row, "commented_at": row["created_at"], "comment_id": 0, "kind": "done", "text": ""}
        for name in names
        for row in DONE.all(tx, name=name)
        if row["author"] not in names
    ]
    if len(names) == 1 and not done:
        return rows
    newest = {(row["ticket_id"], row["comment_id"]): row for row in sorted([*rows, *done], key=itemgetter("seq"))}
    return sorted(newest.values(), key=itemgetter("commented_at", "board_id", "seq"))


def drop(tx: Transaction, names: Iterable[str], comment_id: int) -> None:
    """Remove a comment from the inboxes of these names."""
    for name in names:
        tx.run(DROP, of_name=name, of_comment=comment_id)


def has(tx: ReadTransaction, names: Iterable[str], comment_id: int) -> bool:
    """Whether a comment is in the inbox of one of these names, read or not."""
    return any(tx.value(HAS, of_name=name, of_comment=comment_id) is not None for name in names)


def mark_read(tx: Transaction, names: tuple[str, ...], board_id: int, seq: int) -> None:
    """Mark a board's entries up to an event as read for these names."""
    for name in names:
        tx.run(MARK_READ, name=name, board_id=board_id, seq=seq)
