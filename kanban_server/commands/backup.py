"""`python -m kanban_server backup FILE`: copy the database while it is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kanban_server.commands.running_server import (
    JsonObject,
    ask_server,
    files_path,
    make_parser,
    open_database,
    run_and_print,
)
from kanban_server.store.file_lock import FileInUse
from kanban_server.store.maintenance import backups


def main(arguments: Sequence[str]) -> None:
    """Make the copy and print its path."""
    parser = make_parser("backup", "Copy the database to a file, while it is in use.")
    parser.add_argument("file", type=Path, help="where to")
    parser.add_argument("--force", action="store_true", help="replace the file that is there")
    options = parser.parse_args(arguments)
    target = options.file.absolute()

    def run() -> JsonObject:
        try:
            with open_database(options) as driver:
                return asdict(backups.back_up(driver, target, options.force, files_path(options)))
        except FileInUse as in_use:
            return ask_server(in_use, "/api/local/backup", {"file": str(target), "force": options.force})

    run_and_print(options, run, lambda result: f"{result['file']}\t{result['bytes']} bytes\t{result['seconds']} s")
