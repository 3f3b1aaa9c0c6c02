"""Checks of the boards for `doctor`, and their repair."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from kanban_server.actions.maintenance import board_repair, consistency
from kanban_server.actions.maintenance.differences import Differences
from kanban_server.commands.running_server import JsonObject, ask_server, migrate_database, open_database
from kanban_server.files.consistency import ContentDifferences, compare_contents, remove_orphans
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.settings import Settings, from_environment
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.file_lock import FileInUse
from kanban_server.store.maintenance import consistency as stored
from kanban_server.store.statements import DialectName
from kanban_server.store.transaction import ReadTransaction
from kanban_server.store.unit_of_work import Connection

READING = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


def compared(connection: Connection, dialect: DialectName) -> Iterator[Differences]:
    """Yield the differences of each board, all read in one transaction."""
    connection.execute(READING[dialect])
    tx = ReadTransaction(connection, dialect, SYSTEM_VIEWER)
    for board_id in stored.read_board_ids(tx):
        yield consistency.compare_board(tx, board_id)
    connection.execute("ROLLBACK")


def compared_contents(connection: Connection, dialect: DialectName, settings: Settings) -> ContentDifferences:
    """The differences between files and contents. Raises OSError."""
    return compare_contents(ReadTransaction(connection, dialect, SYSTEM_VIEWER), settings.files_path)


def repair(options: argparse.Namespace) -> JsonObject:
    """Repair all differences, or have the server that uses the file do it.

    Returns `boards`, each repaired one, and `contents`, how many were removed that no file has.

    Refused: like every command, if the database is not available.
    """
    try:
        with open_database(options) as driver:
            migrate_database(driver)
            return asyncio.run(_repair(driver, from_environment(None).files_path))
    except FileInUse as in_use:
        return ask_server(in_use, "/api/local/repair", {})


async def _repair(driver: Driver, files_path: Path | None) -> JsonObject:
    database = Database(driver, Settings(), lambda events, at: None)
    try:
        boards = [asdict(board) for board in await board_repair.repair(database)]
        return {"boards": boards, "contents": await remove_orphans(database, files_path)}
    finally:
        await database.close()
