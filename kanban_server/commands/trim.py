"""`python -m kanban_server trim --board N --keep 90d`: delete old events from a board's log."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict

from kanban_server.actions.maintenance import log_trimming
from kanban_server.clock import utc_now
from kanban_server.commands.running_server import (
    JsonObject,
    ask_server,
    make_parser,
    migrate_database,
    open_database,
    run_and_print,
)
from kanban_server.rules.problems import Refusal
from kanban_server.rules.timestamps import subtract_time
from kanban_server.settings import Settings
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.file_lock import FileInUse

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "w": "weeks"}


def main(arguments: Sequence[str]) -> None:
    """Trim the log and print the time at which it now begins."""
    parser = make_parser("trim", "Delete the oldest events of a board's log; a snapshot stands in their place.")
    parser.add_argument("--board", type=int, required=True, help="the board's id")
    parser.add_argument("--keep", required=True, help="how much to keep, such as 90d, 12w or 36h")
    options = parser.parse_args(arguments)

    def run() -> JsonObject:
        before = _parse_cutoff(options.keep)
        try:
            with open_database(options) as driver:
                migrate_database(driver)
                return asyncio.run(_trim(driver, options.board, before))
        except FileInUse as in_use:
            return ask_server(in_use, "/api/local/trim", {"board_id": options.board, "before": before})

    run_and_print(options, run, _format_line)


async def _trim(driver: Driver, board_id: int, before: str) -> JsonObject:
    database = Database(driver, Settings(), lambda events, at: None)
    try:
        return asdict(await log_trimming.trim(database, board_id, before))
    finally:
        await database.close()


def _parse_cutoff(keep: str) -> str:
    """The time at which a log begins that is kept for this duration. Refused: `invalid-request`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", keep)
    if match is None:
        detail = f"'{keep[:40]}' is no length of time."
        raise Refusal("invalid-request", detail, fix="Say how much to keep, such as 90d, 12w or 36h.", field="keep")
    return subtract_time(utc_now(), **{_UNITS[match[2]]: int(match[1])})


def _format_line(result: JsonObject) -> str:
    since = f"it speaks since {result['since']}" if result["since"] else "it is whole"
    return f"board {result['board_id']}\t{result['events']} events deleted; {since}"
