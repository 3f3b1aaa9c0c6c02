"""Commands that run on the server's machine: backup, transfer, restore, trim.

Each runs a verb of `python -m kanban_server`.
"""

from pathlib import Path
from typing import Annotated

import typer

from kanban_cli.commands.server import Database
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.server_commands import exec_server_command, is_local_server

app = typer.Typer()


@command(app, examples=["kanban backup board.backup", "kanban backup --database board.db --force nightly.backup"])
def backup(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(help="Where to.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
    database: Database = None,
) -> None:
    """Copy the whole database to a file, also while a server uses it. PostgreSQL needs pg_dump."""
    exec_server_command(invocation, "backup", database, "--force" if force else None, "--", str(file))


@command(app, examples=["kanban restore board.backup", "kanban restore board.backup --database board.db"])
def restore(
    invocation: Invocation, file: Annotated[Path, typer.Argument(help="The backup.")], database: Database = None
) -> None:
    """Put a backup in the place of the database, while no server runs; what was there is kept beside.

    Every board begins a new epoch: who watches takes a snapshot and goes on.
    """
    exec_server_command(invocation, "restore", database, "--", str(file))


@command(
    app,
    examples=[
        "kanban transfer postgresql://kanban@localhost/kanban",
        "kanban transfer --database board.db postgresql://kanban@db.example/kanban",
    ],
)
def transfer(
    invocation: Invocation,
    to: Annotated[str, typer.Argument(metavar="URL", help="postgresql://USER@HOST/NAME, a database without boards.")],
    database: Database = None,
) -> None:
    """Move everything from a database file to PostgreSQL, while no server runs; the file stays as it is.

    Cursors, numbers and versions stay valid: who watches goes on where it stood, once a server runs on the new one.
    """
    exec_server_command(invocation, "transfer", database, "--", to)


@command(app, examples=["kanban trim --keep 90d", "kanban trim -b 2 --keep 12w"])
def trim(
    invocation: Invocation,
    keep: Annotated[str, typer.Option(metavar="AGE", help="How much to keep, such as 90d, 12w or 36h.")],
    database: Database = None,
) -> None:
    """Delete the oldest events of a board's log; what the board was then stands in their place.

    History says since when it speaks. Who reads from before that takes a snapshot and goes on.
    """
    exec_server_command(
        invocation, "trim", database, "--board", str(_board_number(invocation, database)), "--keep", keep
    )


def _board_number(invocation: Invocation, database: str | None) -> int:
    """Return the board's number. The URL's server knows only its own boards by name; `database` may be another."""
    board_name = invocation.setting("board") or ""
    if not (board_name.isdecimal() and board_name.isascii()) and not (database is None and is_local_server(invocation)):
        detail = f"The board's number is needed: its name is looked up at {invocation.server_url}, not in the database."
        raise CommandError(USAGE, detail, fix="kanban trim --help")
    return invocation.board_id
