"""`python -m kanban_server restore FILE`: replace the database with a backup, while no server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kanban_server.commands.running_server import JsonObject, files_path, make_parser, open_database, run_and_print
from kanban_server.rules.problems import Refusal
from kanban_server.store.file_lock import FileInUse
from kanban_server.store.maintenance import backups


def main(arguments: Sequence[str]) -> None:
    """Restore the backup and print where the replaced database is kept."""
    parser = make_parser("restore", "Put a backup in the place of the database, while no server runs.")
    parser.add_argument("file", type=Path, help="the backup")
    options = parser.parse_args(arguments)

    def run() -> JsonObject:
        if not options.file.is_file():
            raise Refusal("not-found", f"There is no file {options.file}.", what="file", id=str(options.file))
        try:
            with open_database(options, may_create=True) as driver:
                return asdict(backups.restore(driver, options.file, files_path(options)))
        except FileInUse as in_use:
            detail = f"A server has {in_use.path} open."
            fix = "Stop it (kanban down, where kanban up started it)."
            raise Refusal("backup-failed", detail, fix=fix) from in_use

    run_and_print(options, run, _format_line)


def _format_line(restored: JsonObject) -> str:
    replaced_note = f"\twhat was there is kept as {restored['replaced']}" if restored["replaced"] else ""
    return f"{restored['database']}\tboards in a new epoch: {restored['boards']}{replaced_note}"
