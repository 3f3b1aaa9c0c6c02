"""The server itself: serve, up, down."""

import os
import sys
from typing import Annotated, Literal

import typer

from kanban_cli.invocation import server_url, wants_json
from kanban_cli.options import command
from kanban_cli.render.output import print_json, print_line

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
    options = {"--host": host, "--port": port, "--database": database, "--redis": redis, "--workers": workers}
    flags = _to_flags({**options, "--log-level": log_level})
    os.execv(sys.executable, [sys.executable, "-m", "kanban_server", *flags, *(["--open"] if open else [])])


@command(app, examples=["kanban up", "kanban up --url http://127.0.0.1:9000 --database board.db"])
def up(database: Database = None, redis: Redis = None) -> None:
    """Start a local server in the background, if none answers at the URL, and print the URL."""
    from kanban_cli import daemon

    health = daemon.read_health()
    if health is None:
        settings = {"KANBAN_DATABASE_URL": database, "KANBAN_REDIS_URL": redis}
        daemon.start_server(
            daemon.local_address(), {name: value for name, value in settings.items() if value is not None}
        )
    else:
        daemon.check_database(health, database)
    if health and redis:
        print("kanban: It is up already, with the Redis that it was given.\n  next: kanban down", file=sys.stderr)
    _print_state(running=True, line=f"Kanban is at {server_url()}")


@command(app, examples=["kanban down", "kanban down --url http://127.0.0.1:9000"])
def down() -> None:
    """Stop the server that `kanban up` started."""
    from kanban_cli import daemon

    stopped = daemon.stop_server(daemon.local_address())
    _print_state(
        running=False,
        line=f"The server at {server_url()} is stopped." if stopped else f"No server runs at {server_url()}.",
    )


def _print_state(*, running: bool, line: str) -> None:
    if wants_json():
        print_json({"url": server_url(), "running": running})
    else:
        print_line(line)


def _to_flags(options: dict[str, object]) -> list[str]:
    return [part for flag, value in options.items() if value is not None for part in (flag, str(value))]
