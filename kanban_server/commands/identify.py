"""`python -m kanban_server identify`: print which database the settings name, with the same id as `/health` reports."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_server.commands.running_server import JsonObject, identified, make_parser, run_and_print


def main(arguments: Sequence[str]) -> None:
    """Print the database and its id; the id is null if there is no database yet."""
    given = make_parser("identify", "Say which database is meant.").parse_args(arguments)

    def work() -> JsonObject:
        where, id = identified(given.database_url)
        return {"database": where, "database_id": id}

    run_and_print(given, work, lambda said: f"{said['database']}\t{said['database_id'] or '-'}")
