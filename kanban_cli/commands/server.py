"""The server itself: serve, up, down."""

import os
import sys
from typing import Annotated, Literal

import typer

from kanban_cli.context import as_json, url
from kanban_cli.options import command
from kanban_cli.output import say, say_json

app = typer.Typer()

Database = Annotated[
    str | None, typer.Option(help="A file, or postgresql://USER@HOST/NAME (default: a file in your data folder).")
]
Redis = Annotated[str | None, typer.Option(help="redis://HOST:PORT/N")]


@command(app, examples=["kanban serve", "kanban serve --port 9000 --database postgresql://kanban@localhost/kanban"])
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen at (default 127.0.0.1).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port (default 8000; 0 takes a free one).")
    ] = None,
    database: Database = None,
    redis: Redis = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the port (default 1; more need PostgreSQL).")
    ] = None,
    open: Annotated[
        bool, typer.Option("--open", help="Listen beyond loopback although anybody may then write.")
    ] = False,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None, typer.Option(help="How much it logs.")
    ] = None,
) -> None:
    """Start a server here, until Ctrl-C; `kanban up` starts one in the background."""
    named = {"--host": host, "--port": port, "--database": database, "--redis": redis, "--workers": workers}
    flags = _flags({**named, "--log-level": log_level})
    os.execv(sys.executable, [sys.executable, "-m", "kanban_server", *flags, *(["--open"] if open else [])])


@command(app, examples=["kanban up", "kanban up --url http://127.0.0.1:9000 --database board.db"])
def up(database: Database = None, redis: Redis = None) -> None:
    """Start a local server in the background, if none answers at the URL, and print the URL."""
    from kanban_cli import processes

    health = processes.health()
    if health is None:
        named = {"KANBAN_DATABASE_URL": database, "KANBAN_REDIS_URL": redis}
        processes.start(processes.local(), {name: value for name, value in named.items() if value is not None})
    else:
        processes.check_database(health, database)
    if health and redis:
        print("kanban: It is up already, with the Redis that it was given.\n  next: kanban down", file=sys.stderr)
    _answer(running=True, line=f"Kanban is at {url()}")


@command(app, examples=["kanban down", "kanban down --url http://127.0.0.1:9000"])
def down() -> None:
    """Stop the server that `kanban up` started."""
    from kanban_cli import processes

    stopped = processes.stop(processes.local())
    _answer(running=False, line=f"The server at {url()} is stopped." if stopped else f"No server runs at {url()}.")


def _answer(*, running: bool, line: str) -> None:
    if as_json():
        say_json({"url": url(), "running": running})
    else:
        say(line)


def _flags(given: dict[str, object]) -> list[str]:
    return [part for flag, value in given.items() if value is not None for part in (flag, str(value))]
