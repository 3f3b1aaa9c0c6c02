"""What a server does in the background to its database: apply what is due, delete old idempotency records."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from kanban_sdk.wire import limits
from kanban_server.actions import leases
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.store.database import Database
from kanban_server.store.queries import idempotency_records

log = logging.getLogger("kanban")

DUE_SECONDS = 2.0
"""Interval at which expired leases and parking are ended, so that the tickets are free within five seconds."""
IDEMPOTENCY_SECONDS = 3600.0
"""Interval at which idempotency records older than `limits.IDEMPOTENCY_HOURS` are deleted."""


async def delete_old_idempotency_records(database: Database) -> None:
    """Delete old idempotency records, now and every hour, for as long as the server runs."""
    while True:
        before = format_timestamp(datetime.now(UTC) - timedelta(hours=limits.IDEMPOTENCY_HOURS))
        try:
            await database.write(SYSTEM_VIEWER, partial(idempotency_records.delete_before, before=before))
        except Exception as error:
            log.warning("Old idempotency records could not be deleted: %r", error)
        await asyncio.sleep(IDEMPOTENCY_SECONDS)


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
