"""`python -m kanban_server trim --board N --keep 90d`: let a board's log begin later."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import asdict

from kanban_server.actions import trimming
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock, earlier
from kanban_server.settings import Settings
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.filelock import FileInUse
from kanban_server.verbs.asking import Answer, ask, database, make_ready, parser, speak

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "w": "weeks"}


def main(arguments: Sequence[str]) -> None:
    """Trim the log, and say from when on it speaks."""
    flags = parser("trim", "Delete the oldest events of a board's log; a snapshot stands in their place.")
    flags.add_argument("--board", type=int, required=True, help="the board's id")
    flags.add_argument("--keep", required=True, help="how much to keep, such as 90d, 12w or 36h")
    given = flags.parse_args(arguments)

    def work() -> Answer:
        before = _begins(given.keep)
        try:
            with database(given) as driver:
                make_ready(driver)
                return asyncio.run(_trim(driver, given.board, before))
        except FileInUse as in_use:
            return ask(in_use, "/api/local/trim", {"board_id": given.board, "before": before})

    speak(given, work, _line)


async def _trim(driver: Driver, board_id: int, before: str) -> Answer:
    opened = Database(driver, Settings(), lambda events, at: None)
    try:
        return asdict(await trimming.trim(opened, board_id, before))
    finally:
        await opened.close()


def _begins(keep: str) -> str:
    """From when on a log speaks that is kept for so long. Refused: `invalid-request`."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", keep)
    if match is None:
        detail = f"'{keep[:40]}' is no length of time."
        raise Refusal("invalid-request", detail, fix="Say how much to keep, such as 90d, 12w or 36h.", field="keep")
    return earlier(clock(), **{_UNITS[match[2]]: int(match[1])})


def _line(trimmed: Answer) -> str:
    since = f"it speaks since {trimmed['since']}" if trimmed["since"] else "it is whole"
    return f"board {trimmed['board_id']}\t{trimmed['events']} events deleted; {since}"
