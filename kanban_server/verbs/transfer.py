"""`python -m kanban_server transfer URL`: move everything from a database file to PostgreSQL, while no server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from kanban_server.rules.refusals import Refusal
from kanban_server.settings import from_environment
from kanban_server.store.database import database_url, driver_for
from kanban_server.store.drivers import PostgreSQL, SQLite
from kanban_server.store.filelock import FileInUse
from kanban_server.store.transfers import transfer
from kanban_server.verbs.asking import Answer, database, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Move it, and say how much it was."""
    flags = parser("transfer", "Move everything from a database file to PostgreSQL, while no server runs.")
    flags.add_argument("url", help="postgresql://USER@HOST/NAME, a database without boards")
    given = flags.parse_args(arguments)

    def work() -> Answer:
        target = _target(given.url)
        try:
            with database(given) as source:
                if not isinstance(source, SQLite):
                    fix = "Name the file with --database; pg_dump and pg_restore copy a PostgreSQL."
                    raise Refusal("invalid-request", "Only a database file can be moved.", fix=fix)
                return asdict(transfer(source, target))
        except FileInUse as in_use:
            fix = "Stop it (kanban down, where kanban up started it): what it wrote meanwhile would be missing."
            raise Refusal("transfer-failed", f"A server has {in_use.path} open.", fix=fix) from in_use

    speak(given, work, _line)


def _target(url: str) -> PostgreSQL:
    try:
        settings = from_environment(None, database_url=url)
        fits = database_url(settings).get_backend_name() != "sqlite"
    except ValueError:
        fits = False
    if not fits:
        raise Refusal("invalid-request", "That is no address of a PostgreSQL.", fix="Name postgresql://USER@HOST/NAME.")
    driver = driver_for(settings)
    assert isinstance(driver, PostgreSQL)
    return driver


def _line(moved: Answer) -> str:
    rows = moved["rows"]
    counts = f"{rows['boards']} boards\t{rows['tickets']} tickets\t{rows['events']} events"
    return f"{moved['database']}\t{counts}\t{moved['seconds']} s"
