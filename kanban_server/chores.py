"""What a server does in the background to its database: apply what is due, delete old idempotency records."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from kanban_sdk.wire import limits
from kanban_server.actions import files, leases
from kanban_server.files.storage import Storage
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.store.database import Database
from kanban_server.store.queries import idempotency_records

log = logging.getLogger("kanban")

DUE_SECONDS = 2.0
"""Interval at which expired leases and parking are ended, so that the tickets are free within five seconds."""
IDEMPOTENCY_SECONDS = 3600.0
"""Interval at which idempotency records older than `limits.IDEMPOTENCY_HOURS` are deleted."""

FILES_SECONDS = 60.0
"""Interval at which files of deleted tickets and boards are deleted."""
FILES_MOST = 100
"""Files deleted in one transaction."""


async def delete_old_idempotency_records(database: Database) -> None:
    """Delete old idempotency records, now and every hour, for as long as the server runs."""
    while True:
        before = format_timestamp(datetime.now(UTC) - timedelta(hours=limits.IDEMPOTENCY_HOURS))
        try:
            await database.write(SYSTEM_VIEWER, partial(idempotency_records.delete_before, before=before))
        except Exception as error:
            log.warning("Old idempotency records could not be deleted: %r", error)
        await asyncio.sleep(IDEMPOTENCY_SECONDS)


async def delete_files(database: Database, storage: Storage, days: float) -> None:
    """Delete the files of deleted boards, of tickets deleted `days` ago, and contents that no file has.

    Now and every minute, for as long as the server runs.
    """
    while True:
        before = format_timestamp(datetime.now(UTC) - timedelta(days=days))
        delete = partial(files.delete_files_of_deleted, before=before, most=FILES_MOST)
        try:
            if await database.read(SYSTEM_VIEWER, files.has_deleted_files, before):
                while await database.write(SYSTEM_VIEWER, delete) == FILES_MOST:
                    pass
            await storage.delete_detached()
        except Exception as error:
            log.warning("Files could not be deleted: %r", error)
        await asyncio.sleep(FILES_SECONDS)


async def apply_due(database: Database) -> None:
    """End expired leases, and the parking of tickets, every two seconds, for as long as the server runs."""
    while True:
        await asyncio.sleep(DUE_SECONDS)
        try:
            board_ids = await database.read(SYSTEM_VIEWER, leases.boards_with_due)
        except Exception as error:
            log.warning("What is due could not be looked up: %r", error)
            continue
        for board_id in board_ids:
            apply = partial(leases.apply_due_on_board, board_id=board_id)
            try:
                await database.write(SYSTEM_VIEWER, apply, lane=board_id)
            except Exception as error:
                log.warning("What is due on board %d could not be applied: %r", board_id, error)
