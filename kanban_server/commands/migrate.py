"""`python -m kanban_server migrate`: bring the database to the revision of this program, before servers start."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_server.commands.running_server import (
    JsonObject,
    make_parser,
    migrate_database,
    open_database,
    run_and_print,
)
from kanban_server.store.migrations import HEAD


def main(arguments: Sequence[str]) -> None:
    """Migrate the database and print its revision. It may be done already; an empty database gets its tables."""
    options = make_parser("migrate", "Bring the database to the newest revision.").parse_args(arguments)

    def run() -> JsonObject:
        with open_database(options, may_create=True) as driver:
            migrate_database(driver)
        return {"revision": HEAD}

    run_and_print(options, run, lambda result: f"The database has revision {result['revision']}.")
