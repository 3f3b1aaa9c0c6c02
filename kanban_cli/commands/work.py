"""Run a command for each ticket that is claimed."""

from typing import Annotated

import typer

from kanban_cli.durations import parse_seconds
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import COLUMN, TICKET, Columns, Labels, LeaseSeconds, Patience, command

app = typer.Typer()


@command(
    app,
    context_settings={"allow_interspersed_args": False},
    examples=["kanban work --loop -- ./agent.sh", "kanban work --ticket 12 --to Review -- make check"],
    without=["lease", "json"],
)
def work(
    invocation: Invocation,
    line: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The command to run, after --.")],
    ticket: Annotated[
        int | None,
        typer.Option(metavar="TICKET", help="Work on this ticket. Default: the best ready one.", autocompletion=TICKET),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column for a ticket whose command succeeded. Default: done.",
            autocompletion=COLUMN,
        ),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Continue with each ticket that becomes ready.")] = False,
    label: Labels = None,
    column: Columns = None,
    lease_seconds: LeaseSeconds = None,
    patience: Patience = "5m",
) -> None:
    """Claim a ticket, run a command for it, and move the ticket.

    The command gets the ticket as JSON on its stdin, and KANBAN_TICKET, KANBAN_LEASE, KANBAN_TITLE, KANBAN_BOARD,
    KANBAN_URL and KANBAN_USER in its environment. The lease is renewed meanwhile; if it is lost, the command is ended.
    Exit code 0 moves the ticket to the done column, or to the first waiting column on a board with reviews, unless the
    command moved it itself. Another exit code gives the ticket back, with the end of stderr as a note. If the server
    is unreachable for longer than --patience, the exit code is 8.
    """
    import asyncio
    import shutil

    if ticket is not None and loop:
        raise CommandError(USAGE, "--ticket and --loop exclude each other.", fix="kanban work --help")
    if not invocation.current_user:
        raise CommandError(USAGE, "A claim needs a user, and none is named.", fix="export KANBAN_USER=NAME")
    if shutil.which(line[0]) is None:
        raise CommandError(USAGE, f"There is no command '{line[0]}' to run.", fix="kanban work --help")
    from kanban_cli.worker import Task, Worker

    task = Task(invocation.board_id if ticket is None else None, line, ticket, to, loop, lease_seconds, label, column)
    patience_seconds = parse_seconds(patience)
    settings = {"KANBAN_URL": invocation.server_url, "KANBAN_USER": invocation.current_user or ""}

    async def run() -> int:
        async with invocation.retrying_client(patience_seconds) as client:
            return await Worker(client, task, {**invocation.environment, **settings}).work()

    code = asyncio.run(run())
    if code:
        raise CommandError(code)
