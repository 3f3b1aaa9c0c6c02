"""The tables of files: which ticket has which, and their contents."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from kanban_server.store.tables.column_types import Id, metadata

blobs = Table(
    "blobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)
"""Contents of files. Those of a board that have the same hash are stored once; boards share none.

`place` is `database` or `folder`. `state` is `pending` until a file has the content, then `attached`, and `detached`
once no file has it any more: then it is deleted.
"""

blob_chunks = Table(
    "blob_chunks",
    metadata,
    Column("blob_id", Id, ForeignKey("blobs.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
"""Contents in the database, in parts of `CHUNK_BYTES`."""

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("blob_id", Id, ForeignKey("blobs.id"), nullable=False),
    Column("thumbnail_id", Id, ForeignKey("blobs.id")),
    Column("created_by", Text, nullable=False),
    Column("created_by_id", BigInteger),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("ticket_id", "name"),
)
"""Files of tickets. What readers see of them is also in the ticket's row, as `files`."""
