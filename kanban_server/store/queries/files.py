"""Files: the statements that read and write them, and what is stored of their contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, or_, select, text, update

from kanban_sdk.wire.files import File
from kanban_server.rules.problems import not_found
from kanban_server.store.statements import Statement
from kanban_server.store.tables import blob_chunks, blobs, boards, files, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

CHUNK_BYTES = 256 * 1024
"""Bytes of a content in one row, and in one write to a reader."""

_f, _b, _c = files.c, blobs.c, blob_chunks.c
_BLOB_BY_ID = _b.id == bindparam("blob_id")
_VALUES = (
    "board_id", "ticket_id", "name", "size", "media_type", "width", "height", "blob_id", "thumbnail_id", "created_by",
    "created_by_id", "created_at",
)  # fmt: skip

BY_NAME = VisibleTo(
    select(files)
    .join(tickets, tickets.c.id == _f.ticket_id)
    .join(boards, boards.c.id == _f.board_id)
    .where(
        _f.ticket_id == bindparam("ticket_id"),
        _f.name == bindparam("name"),
        tickets.c.deleted_at.is_(None),
        boards.c.deleted_at.is_(None),
    ),
    _f.board_id,
    "board_id",
)
BY_TICKET = Statement(select(files).where(_f.ticket_id == bindparam("ticket_id")).order_by(_f.id))
BOARD_BYTES = Statement(select(func.coalesce(func.sum(_f.size), text("0"))).where(_f.board_id == bindparam("board_id")))
INSERT = Statement(insert(files).values({name: bindparam(name) for name in _VALUES}).returning(_f.id))
RENAME = Statement(update(files).where(_f.id == bindparam("file_id")).values(name=bindparam("name")))
DELETE = Statement(delete(files).where(_f.id == bindparam("file_id")))
USES = Statement(
    select(func.count())
    .select_from(files)
    .where(or_(_f.blob_id == bindparam("blob_id"), _f.thumbnail_id == bindparam("blob_id")))
)
DELETED_FILES = Statement(
    select(_f.id, _f.ticket_id, _f.board_id)
    .join(tickets, tickets.c.id == _f.ticket_id)
    .join(boards, boards.c.id == _f.board_id)
    .where(or_(boards.c.deleted_at.is_not(None), tickets.c.deleted_at <= bindparam("before")))
    .order_by(_f.id)
    .limit(bindparam("most"))
)
"""Files of deleted boards, and of tickets that were deleted before a time."""

BLOB = Statement(select(blobs).where(_BLOB_BY_ID))
ATTACHED_BLOB = Statement(
    select(blobs).where(
        _b.board_id == bindparam("board_id"), _b.hash == bindparam("hash"), _b.state == text("'attached'")
    )
)
INSERT_BLOB = Statement(
    insert(blobs)
    .values({name: bindparam(name) for name in ("board_id", "hash", "size", "place", "state", "created_at")})
    .returning(_b.id)
)
SET_STATE = Statement(update(blobs).where(_BLOB_BY_ID).values(state=bindparam("new_state")))
DETACH_PENDING = Statement(
    update(blobs).where(_BLOB_BY_ID, _b.state == text("'pending'")).values(state=text("'detached'"))
)
GARBAGE = Statement(
    select(blobs)
    .where(
        _b.state != text("'attached'"),
        or_(_b.state == text("'detached'"), _b.created_at < bindparam("before")),
    )
    .order_by(_b.id)
    .limit(bindparam("most"))
)
"""Contents that no file has, and those of uploads that began before a time and never ended."""
DELETE_BLOB = Statement(delete(blobs).where(_BLOB_BY_ID, _b.state != text("'attached'")))
INSERT_CHUNK = Statement(insert(blob_chunks).values({name: bindparam(name) for name in ("blob_id", "number", "data")}))
CHUNK = Statement(select(_c.data).where(_c.blob_id == bindparam("blob_id"), _c.number == bindparam("number")))
DELETE_CHUNKS = Statement(
    delete(blob_chunks).where(
        _c.blob_id == bindparam("blob_id"), _c.number >= bindparam("first"), _c.number < bindparam("end")
    )
)
IN_FOLDER = Statement(
    select(_b.id, _b.board_id, _b.hash, _b.size)
    .where(_b.place == text("'folder'"), _b.state == text("'attached'"), _b.id > bindparam("above"))
    .order_by(_b.id)
    .limit(bindparam("most"))
)


class Blob(NamedTuple):
    """A content: its id, board, SHA-256, size in bytes, and place (`database` or `folder`)."""

    id: int
    board_id: int
    hash: str
    size: int
    place: str
    state: str

    @property
    def chunks(self) -> int:
        """The number of its parts."""
        return -(-self.size // CHUNK_BYTES)


def to_blob(row: Row) -> Blob:
    """A row of `blobs`."""
    return Blob(row["id"], row["board_id"], row["hash"], row["size"], row["place"], row["state"])


def read_blob(tx: ReadTransaction, blob_id: int) -> Blob | None:
    """A content by its id, for the server itself."""
    row = tx.one(BLOB, blob_id=blob_id)
    return None if row is None else to_blob(row)


def read_attached_blob(tx: ReadTransaction, board_id: int, digest: str) -> Blob | None:
    """The content with this hash that a file of the board has."""
    row = tx.one(ATTACHED_BLOB, board_id=board_id, hash=digest)
    return None if row is None else to_blob(row)


def read_file(tx: ReadTransaction, ticket_id: int, name: str) -> Row:
    """The row of a file that the viewer may see. Refused: `not-found`."""
    row = BY_NAME.one(tx, ticket_id=ticket_id, name=name)
    if row is None:
        raise not_found("file", name[:200], fix=f"Look at the ticket's files: kanban files {ticket_id}")
    return row


def read_files(tx: ReadTransaction, ticket_id: int) -> list[Row]:
    """The rows of a ticket's files, oldest first. Only for a ticket that the viewer may see."""
    return tx.all(BY_TICKET, ticket_id=ticket_id)


def insert_file(tx: Transaction, values: Row) -> int:
    """Write a new file, and return its id."""
    id: int = tx.value(INSERT, **values)
    return id


def delete_file(tx: Transaction, row: Row) -> None:
    """Delete the row of a file; its contents are detached, unless another file has them."""
    tx.run(DELETE, file_id=row["id"])
    for blob_id in {row["blob_id"], row["thumbnail_id"]} - {None}:
        if not tx.value(USES, blob_id=blob_id):
            tx.run(SET_STATE, blob_id=blob_id, new_state="detached")


def to_wire(rows: Iterable[Row]) -> list[File]:
    """Rows of files as sent to clients: nothing tells where, or under which hash, their contents are stored."""
    return [
        File(
            row["name"], row["size"], row["media_type"], row["created_by"], row["created_at"], row["width"],
            row["height"], row["thumbnail_id"] is not None,
        )
        for row in rows
    ]  # fmt: skip


def insert_chunks(tx: Transaction, blob_id: int, first: int, parts: Sequence[bytes]) -> None:
    """Write parts of a content, numbered from `first`."""
    tx.run_many(
        INSERT_CHUNK, [{"blob_id": blob_id, "number": number, "data": data} for number, data in enumerate(parts, first)]
    )
