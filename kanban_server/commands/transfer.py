"""`python -m kanban_server transfer URL`: copy everything from a database file to PostgreSQL, while no server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from kanban_server.commands.running_server import JsonObject, make_parser, open_database, run_and_print
from kanban_server.rules.problems import Refusal
from kanban_server.settings import from_environment
from kanban_server.store.database import database_url, driver_for
from kanban_server.store.drivers import PostgreSQL, SQLite
from kanban_server.store.file_lock import FileInUse
from kanban_server.store.maintenance.transfers import transfer


def main(arguments: Sequence[str]) -> None:
    """Copy everything and print the number of rows."""
    parser = make_parser("transfer", "Move everything from a database file to PostgreSQL, while no server runs.")
    parser.add_argument("url", help="postgresql://USER@HOST/NAME, a database without boards")
    options = parser.parse_args(arguments)

    def run() -> JsonObject:
        target = _target_driver(options.url)
        try:
            with open_database(options) as source:
                if not isinstance(source, SQLite):
                    fix = "Name the file with --database; pg_dump and pg_restore copy a PostgreSQL."
                    raise Refusal("invalid-request", "Only a database file can be moved.", fix=fix)
                return asdict(transfer(source, target))
        except FileInUse as in_use:
            fix = "Stop it (kanban down, where kanban up started it): what it wrote meanwhile would be missing."
            raise Refusal("transfer-failed", f"A server has {in_use.path} open.", fix=fix) from in_use

    run_and_print(options, run, _format_line)


def _target_driver(url: str) -> PostgreSQL:
    try:
        settings = from_environment(None, database_url=url)
        is_postgresql = database_url(settings).get_backend_name() != "sqlite"
    except ValueError:
        is_postgresql = False
    if not is_postgresql:
        raise Refusal("invalid-request", "That is no address of a PostgreSQL.", fix="Name postgresql://USER@HOST/NAME.")
    driver = driver_for(settings)
    assert isinstance(driver, PostgreSQL)
    return driver


def _format_line(result: JsonObject) -> str:
    rows = result["rows"]
    counts = f"{rows['boards']} boards\t{rows['tickets']} tickets\t{rows['events']} events"
    return f"{result['database']}\t{counts}\t{result['seconds']} s"
