"""What `doctor` finds in the boards themselves, and how it has that mended."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from kanban_server.actions import consistency, repairing
from kanban_server.rules.access import THE_SERVER
from kanban_server.settings import Settings
from kanban_server.store import consistency as stored
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.filelock import FileInUse
from kanban_server.store.statements import DialectName
from kanban_server.store.transaction import Connection, Reading
from kanban_server.verbs.asking import Answer, ask, database, make_ready

READING = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


def compared(connection: Connection, dialect: DialectName) -> Iterator[consistency.Differences]:
    """Each board, with what differs on it, all as it was at one moment."""
    connection.execute(READING[dialect])
    tx = Reading(connection, dialect, THE_SERVER)
    for board_id in stored.boards_of(tx):
        yield consistency.compare(tx, board_id)
    connection.execute("ROLLBACK")


def repair(given: argparse.Namespace) -> list[Answer]:
    """Mend what differs, or have the server do it that has the file; each board that was mended.

    Refused: as every verb is, where the database can't be had.
    """
    try:
        with database(given) as driver:
            make_ready(driver)
            return asyncio.run(_repair(driver))
    except FileInUse as in_use:
        answer: dict[str, Any] = ask(in_use, "/api/local/repair", {})
        boards: list[Answer] = answer["boards"]
        return boards


async def _repair(driver: Driver) -> list[Answer]:
    opened = Database(driver, Settings(), lambda events, at: None)
    try:
        return [asdict(board) for board in await repairing.repair(opened)]
    finally:
        await opened.close()
