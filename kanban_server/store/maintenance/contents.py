"""Statements for comparing files with their contents, and for removing contents that no file has.

No change of the server leaves a content without a file. A restore of an older database can, or a change by hand.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, exists, func, or_, select, text, update

from kanban_server.store.queries.files import Blob, to_blob
from kanban_server.store.statements import Statement
from kanban_server.store.tables import blob_chunks, blobs, files
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

PAGE_SIZE = 200
"""Contents read at a time."""

_f, _b, _c = files.c, blobs.c, blob_chunks.c
_IN_USE = _b.state == text("'attached'")
_WITHOUT_FILE = (_IN_USE, ~exists().where(_f.blob_id == _b.id), ~exists().where(_f.thumbnail_id == _b.id))
_WITHOUT_CONTENT = _c.blob_id.not_in(select(_b.id))

ATTACHED = Statement(select(blobs).where(_IN_USE, _b.id > bindparam("above")).order_by(_b.id).limit(bindparam("most")))
FILE_OF = Statement(
    select(_f.ticket_id, _f.name, _f.thumbnail_id)
    .where(or_(_f.blob_id == bindparam("blob_id"), _f.thumbnail_id == bindparam("blob_id")))
    .order_by(_f.id)
    .limit(1)
)
COUNT_WITHOUT_FILE = Statement(select(func.count()).select_from(blobs).where(*_WITHOUT_FILE))
COUNT_WITHOUT_CONTENT = Statement(select(func.count(_c.blob_id.distinct())).where(_WITHOUT_CONTENT))
DETACH_WITHOUT_FILE = Statement(update(blobs).where(*_WITHOUT_FILE).values(state=text("'detached'")))
DELETE_WITHOUT_CONTENT = Statement(delete(blob_chunks).where(_WITHOUT_CONTENT))


def read_attached(tx: ReadTransaction, above: int) -> list[Blob]:
    """The next contents that are marked as those of files, by id."""
    return [to_blob(row) for row in tx.all(ATTACHED, above=above, most=PAGE_SIZE)]


def read_file_of(tx: ReadTransaction, blob_id: int) -> Row | None:
    """The first file that has a content, as `ticket_id`, `name` and `thumbnail_id`."""
    return tx.one(FILE_OF, blob_id=blob_id)


def count_orphans(tx: ReadTransaction) -> int:
    """How many contents in the database no file has."""
    return int(tx.value(COUNT_WITHOUT_FILE)) + int(tx.value(COUNT_WITHOUT_CONTENT))


def detach_orphans(tx: Transaction) -> int:
    """Mark the contents that no file has as detached, and delete parts without a content. Returns how many it were."""
    count = count_orphans(tx)
    if count:
        tx.run(DETACH_WITHOUT_FILE)
        tx.run(DELETE_WITHOUT_CONTENT)
    return count
