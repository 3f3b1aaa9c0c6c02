"""The server itself: serve, up, down, doctor."""

import os
import sys
from typing import Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import UNEXPECTED
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL

app = typer.Typer()

Database = Annotated[
    str | None,
    typer.Option(
        metavar="DATABASE", help="A file or postgresql://USER@HOST/NAME. Default: a file in your data folder."
    ),
]
Redis = Annotated[
    str | None, typer.Option(metavar="URL", help="The Redis between several servers: redis://HOST:PORT/N.")
]


@command(
    app,
    examples=["kanban serve", "kanban serve --port 9000 --database postgresql://kanban@localhost/kanban"],
    without=["board", "user", "url", "lease", "json"],
)
def serve(
    invocation: Invocation,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="The address to listen at. Default: 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, metavar="PORT", help="The port; 0 takes a free one. Default: 8000.")
    ] = None,
    database: Database = None,
    redis: Redis = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Processes that share the port. Default: 1; more need PostgreSQL."),
    ] = None,
    open: Annotated[
        bool, typer.Option("--open", help="Listen beyond loopback without users: anybody who reaches it may write.")
    ] = False,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None, typer.Option(help="The least important messages to log.")
    ] = None,
) -> None:
    """Run a server in the foreground, until Ctrl-C."""
    options = {"--host": host, "--port": port, "--database": database, "--redis": redis, "--workers": workers}
    flags = _to_flags({**options, "--log-level": log_level})
    command = [sys.executable, "-m", "kanban_server", *flags, *(["--open"] if open else [])]
    os.execve(sys.executable, command, invocation.environment)


@command(
    app,
    examples=["kanban up", "kanban up --url http://127.0.0.1:9000 --database board.db"],
    without=["board", "user", "lease"],
)
def up(invocation: Invocation, database: Database = None, redis: Redis = None) -> None:
    """Start a local server in the background, if none is running."""
    from kanban_cli import daemon

    health = daemon.read_health(invocation)
    if health is None:
        settings = {"KANBAN_DATABASE_URL": database, "KANBAN_REDIS_URL": redis}
        daemon.start_server(
            invocation,
            daemon.local_address(invocation),
            {name: value for name, value in settings.items() if value is not None},
        )
    else:
        daemon.check_database(invocation, health, database)
    if health and redis:
        print(
            "kanban: It is up already, with the Redis that it was given.\n  next: kanban down --help", file=sys.stderr
        )
    _print_state(invocation, running=True, line=f"Kanban is at {invocation.server_url}")


@command(app, examples=["kanban down", "kanban down --url http://127.0.0.1:9000"], without=["board", "user", "lease"])
def down(invocation: Invocation) -> None:
    """Stop the server that `kanban up` started."""
    from kanban_cli import daemon

    stopped = daemon.stop_server(invocation, daemon.local_address(invocation))
    _print_state(
        invocation,
        running=False,
        line=f"The server at {invocation.server_url} is stopped."
        if stopped
        else f"No server runs at {invocation.server_url}.",
    )


@command(app, examples=["kanban doctor", "kanban doctor --repair --database board.db"], without=["lease"])
def doctor(
    invocation: Invocation,
    database: Database = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Repair boards whose log, counts or indexes differ; remove contents without a file."
        ),
    ] = False,
) -> None:
    """Check the server, the connection to it, and your settings.

    Nothing is changed without --repair. The exit code is 1 if something is bad, and 0 for hints and warnings.
    """
    from kanban_cli.doctor_checks import run_checks

    findings = list(run_checks(invocation, database, repair=repair))
    if invocation.options.json:
        # `said` is the name that `message` had in 0.1.0.
        invocation.print_json({"findings": [finding._asdict() | {"said": finding.message} for finding in findings]})
    else:
        rows = [[finding.level, finding.name, finding.message, finding.fix or EMPTY_CELL] for finding in findings]
        problem_count = sum(finding.level != "ok" for finding in findings)
        print_rows(["level", "what", "found", "next"], rows, f"{problem_count} of {len(findings)} need attention")
    if any(finding.level == "bad" for finding in findings):
        raise CommandError(UNEXPECTED)


def _print_state(invocation: Invocation, *, running: bool, line: str) -> None:
    if invocation.options.json:
        invocation.print_json({"url": invocation.server_url, "running": running})
    else:
        print_line(line)


def _to_flags(options: dict[str, object]) -> list[str]:
    return [part for flag, value in options.items() if value is not None for part in (flag, str(value))]
