"""Whether each file has its content, and each content a file; and the removal of contents that no file has."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kanban_server.files import folder
from kanban_server.files.storage import Storage
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.database import Database
from kanban_server.store.maintenance import contents as stored
from kanban_server.store.queries import files
from kanban_server.store.queries.files import CHUNK_BYTES, Blob
from kanban_server.store.transaction import ReadTransaction

_NAME = re.compile(r"([0-9a-f]{64})-([0-9]{1,18})")


@dataclass
class ContentDifferences:
    """What differs between files and contents. A file is named as in `build.log of ticket 12`."""

    checked: int = 0
    """Contents that were read."""
    skipped: int = 0
    """Contents in a folder that is not configured here."""
    missing: list[str] = field(default_factory=list)
    """Files without their content, or with a part of it."""
    damaged: list[str] = field(default_factory=list)
    """Files whose content has another hash."""
    orphans: int = 0
    """Contents that no file has."""


def compare_contents(tx: ReadTransaction, root: Path | None) -> ContentDifferences:
    """Read all contents, in the database and in the folder `root`, and compare them with the files.

    `tx` must see what others change meanwhile (no transaction is open). Raises OSError.
    """
    found = ContentDifferences(orphans=stored.count_orphans(tx) + len(orphaned_paths(tx, root)))
    above = 0
    while page := stored.read_attached(tx, above):
        for blob in page:
            _compare(tx, root, blob, found)
        above = page[-1].id
    return found


def _compare(tx: ReadTransaction, root: Path | None, blob: Blob, found: ContentDifferences) -> None:
    if blob.place == "folder" and root is None:
        found.skipped += 1
        return
    found.checked += 1
    digest, size = hashlib.sha256(), 0
    for data in _parts(tx, root, blob):
        digest.update(data)
        size += len(data)
    if size == blob.size and digest.hexdigest() == blob.hash:
        return
    file = stored.read_file_of(tx, blob.id)
    if file is None:
        return  # it was removed meanwhile, or counts as an orphan
    kind = "the thumbnail of " if file["thumbnail_id"] == blob.id else ""
    (found.missing if size != blob.size else found.damaged).append(
        f"{kind}{file['name']} of ticket {file['ticket_id']}"
    )


def _parts(tx: ReadTransaction, root: Path | None, blob: Blob) -> Iterator[bytes]:
    if blob.place == "folder":
        assert root is not None
        path = folder.path_of(root, blob.board_id, blob.hash, blob.id)
        offset = 0
        while data := folder.read(path, offset, CHUNK_BYTES):
            yield data
            offset += len(data)
        return
    for number in range(blob.chunks):
        yield bytes(tx.value(files.CHUNK, blob_id=blob.id, number=number) or b"")


def orphaned_paths(tx: ReadTransaction, root: Path | None) -> list[Path]:
    """The contents in a folder that the database does not know. Other files in it are not ours, and left out.

    The folder is read first: a content that arrives meanwhile is in the database before it is in the folder.
    """
    if root is None:
        return []
    paths = [path for path in sorted(root.glob("*/??/*")) if _NAME.fullmatch(path.name)]
    return [path for path in paths if not _is_known(tx, root, path) and path.exists()]


def _is_known(tx: ReadTransaction, root: Path, path: Path) -> bool:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    blob = files.read_blob(tx, int(match[2]))
    return (
        blob is not None and blob.place == "folder" and path == folder.path_of(root, blob.board_id, blob.hash, blob.id)
    )


async def remove_orphans(database: Database, root: Path | None) -> int:
    """Delete the contents that no file has, and return how many it were. The content of a file is never deleted.

    Raises OSError.
    """
    count = await database.write(SYSTEM_VIEWER, stored.detach_orphans)
    if count:
        await Storage(database, root).delete_detached()
    paths = await database.read(SYSTEM_VIEWER, orphaned_paths, root)
    for path in paths:
        await asyncio.to_thread(folder.delete, path)
    return count + len(paths)
