"""`python -m kanban_server backup FILE`: copy the database while it is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kanban_server.store import backups
from kanban_server.store.filelock import FileInUse
from kanban_server.verbs.asking import Answer, ask, database, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Make the copy, and say where it is."""
    flags = parser("backup", "Copy the database to a file, while it is in use.")
    flags.add_argument("file", type=Path, help="where to")
    flags.add_argument("--force", action="store_true", help="replace the file that is there")
    given = flags.parse_args(arguments)
    file = given.file.absolute()

    def work() -> Answer:
        try:
            with database(given) as driver:
                return asdict(backups.back_up(driver, file, given.force))
        except FileInUse as in_use:
            return ask(in_use, "/api/local/backup", {"file": str(file), "force": given.force})

    speak(given, work, lambda made: f"{made['file']}\t{made['bytes']} bytes\t{made['seconds']} s")
