"""`python -m kanban_server restore FILE`: put a backup in the place of the database, while no server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kanban_server.rules.refusals import Refusal
from kanban_server.store import backups
from kanban_server.store.filelock import FileInUse
from kanban_server.verbs.asking import Answer, database, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Restore, and say where what was replaced lies."""
    flags = parser("restore", "Put a backup in the place of the database, while no server runs.")
    flags.add_argument("file", type=Path, help="the backup")
    given = flags.parse_args(arguments)

    def work() -> Answer:
        if not given.file.is_file():
            raise Refusal("not-found", f"There is no file {given.file}.", what="file", id=str(given.file))
        try:
            with database(given, new=True) as driver:
                return asdict(backups.restore(driver, given.file))
        except FileInUse as in_use:
            detail = f"A server has {in_use.path} open."
            fix = "Stop it (kanban down, where kanban up started it)."
            raise Refusal("backup-failed", detail, fix=fix) from in_use

    speak(given, work, _line)


def _line(restored: Answer) -> str:
    kept = f"\twhat was there is kept as {restored['replaced']}" if restored["replaced"] else ""
    return f"{restored['database']}\tboards in a new epoch: {restored['boards']}{kept}"
