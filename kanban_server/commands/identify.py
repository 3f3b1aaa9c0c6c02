"""`python -m kanban_server identify`: print which database the settings name, with the same id as `/health` reports."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_server.commands.running_server import JsonObject, identified, make_parser, run_and_print


def main(arguments: Sequence[str]) -> None:
    """Print the database and its id; the id is null if there is no database yet."""
    options = make_parser("identify", "Print which database the settings name.").parse_args(arguments)

    def run() -> JsonObject:
        where, id = identified(options.database_url)
        return {"database": where, "database_id": id}

    run_and_print(options, run, lambda result: f"{result['database']}\t{result['database_id'] or '-'}")
