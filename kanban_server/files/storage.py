"""Where contents are stored: in the database, or in a folder (`KANBAN_FILES_FOLDER`).

Nothing here knows of tickets: actions attach contents to files, and detach them. A content is written before the file
that has it, and deleted after that file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from kanban_server.files import folder
from kanban_server.files.spool import Spool
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.store.database import Database
from kanban_server.store.queries import files
from kanban_server.store.queries.files import CHUNK_BYTES, Blob
from kanban_server.store.transaction import ReadTransaction, Transaction

log = logging.getLogger("kanban.files")

WRITE_CHUNKS = 4
"""Chunks in one transaction, so that other changes wait for 1 MiB at most."""
GARBAGE_MOST = 100
PENDING_HOURS = 24
"""How long an upload may be pending before it counts as abandoned."""


class Storage:
    """The contents of files. `path` is the folder for new ones; None means the database."""

    def __init__(self, database: Database, path: Path | None) -> None:
        self._database = database
        self._path = path

    async def store(self, board_id: int, content: Spool) -> int:
        """Store a content of a board, unless a file of that board has it already, and return its id.

        It stays pending until a file has it: then, or to give it up, call `discard`. Refused: `storage-full`.
        """
        known: Blob | None = await self._database.read(SYSTEM_VIEWER, files.read_attached_blob, board_id, content.hash)
        if known is not None:
            return known.id
        place = "database" if self._path is None else "folder"
        created_at = format_timestamp(datetime.now(UTC))
        values = {"board_id": board_id, "hash": content.hash, "size": content.size, "place": place, "state": "pending"}

        def insert(tx: Transaction) -> int:
            id: int = tx.value(files.INSERT_BLOB, **values, created_at=created_at)
            return id

        blob_id = await self._database.write(SYSTEM_VIEWER, insert)
        content.file.seek(0)
        try:
            if self._path is None:
                await self._write_chunks(blob_id, content)
            else:
                path = folder.path_of(self._path, board_id, content.hash, blob_id)
                await asyncio.to_thread(folder.write, path, content.file)
        except BaseException:
            with suppress(Refusal):
                await asyncio.shield(self.discard([blob_id]))
            raise
        return blob_id

    async def _write_chunks(self, blob_id: int, content: Spool) -> None:
        number = 0
        while True:
            data = await asyncio.to_thread(content.file.read, WRITE_CHUNKS * CHUNK_BYTES)
            if not data:
                return
            parts = [data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]
            await self._database.write(
                SYSTEM_VIEWER, partial(files.insert_chunks, blob_id=blob_id, first=number, parts=parts)
            )
            number += len(parts)

    async def read(self, blob: Blob) -> AsyncIterator[bytes]:
        """The parts of a content, in order. Raises EOFError where it was deleted meanwhile."""
        for number in range(blob.chunks):
            yield await self.read_chunk(blob, number)

    async def read_chunk(self, blob: Blob, number: int) -> bytes:
        """A part of a content. Raises EOFError where it was deleted meanwhile."""
        size = min(CHUNK_BYTES, blob.size - number * CHUNK_BYTES)
        if blob.place == "folder":
            if self._path is None:
                raise EOFError("the folder of files is not configured")
            path = folder.path_of(self._path, blob.board_id, blob.hash, blob.id)
            data = await asyncio.to_thread(folder.read, path, number * CHUNK_BYTES, size)
        else:
            data = await self._database.read(SYSTEM_VIEWER, _read_chunk, blob.id, number)
        if len(data) != size:
            raise EOFError(f"part {number} of content {blob.id} is missing")
        return data

    async def contains(self, blob: Blob, text: bytes) -> bool:
        """Whether the bytes of a text occur in a content."""
        end = b""
        with suppress(EOFError):
            async for data in self.read(blob):
                if text in end + data:
                    return True
                end = (end + data)[-len(text) + 1 :] if len(text) > 1 else b""
        return False

    async def discard(self, blob_ids: list[int]) -> None:
        """Delete those of these contents that no file has."""

        def detach(tx: Transaction) -> None:
            for blob_id in blob_ids:
                tx.run(files.DETACH_PENDING, blob_id=blob_id)

        await self._database.write(SYSTEM_VIEWER, detach)
        await self.delete_detached()

    async def delete_detached(self) -> None:
        """Delete the contents that no file has any more, from the database and from the disk."""
        before = format_timestamp(datetime.now(UTC) - timedelta(hours=PENDING_HOURS))
        while True:
            blobs: list[Blob] = await self._database.read(SYSTEM_VIEWER, _read_garbage, before)
            deleted = [await self._delete(blob) for blob in blobs]
            if len(blobs) < GARBAGE_MOST or not any(deleted):
                return

    async def _delete(self, blob: Blob) -> bool:
        """Delete a content. False if its folder is not configured."""
        if blob.place == "folder":
            if self._path is None:
                log.warning("Content %d can't be deleted: KANBAN_FILES_FOLDER is not set.", blob.id)
                return False
            path = folder.path_of(self._path, blob.board_id, blob.hash, blob.id)
            await asyncio.to_thread(folder.delete, path)
        else:
            for first in range(0, blob.chunks, WRITE_CHUNKS):
                await self._database.write(SYSTEM_VIEWER, partial(_delete_chunks, blob_id=blob.id, first=first))
        await self._database.write(SYSTEM_VIEWER, partial(_delete_blob, blob_id=blob.id))
        return True


def _read_chunk(tx: ReadTransaction, blob_id: int, number: int) -> bytes:
    data = tx.value(files.CHUNK, blob_id=blob_id, number=number)
    return b"" if data is None else bytes(data)


def _read_garbage(tx: ReadTransaction, before: str) -> list[Blob]:
    return [files.to_blob(row) for row in tx.all(files.GARBAGE, before=before, most=GARBAGE_MOST)]


def _delete_chunks(tx: Transaction, blob_id: int, first: int) -> None:
    tx.run(files.DELETE_CHUNKS, blob_id=blob_id, first=first, end=first + WRITE_CHUNKS)


def _delete_blob(tx: Transaction, blob_id: int) -> None:
    tx.run(files.DELETE_BLOB, blob_id=blob_id)
    tx.unit.truncate_log = True  # the write-ahead log still has the deleted bytes (SQLite)
