"""Commands that run on the server's machine: backup, transfer, restore, trim.

Each runs a verb of `python -m kanban_server`.
"""

from pathlib import Path
from typing import Annotated

import typer

from kanban_cli.commands.server import Database
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import command_line, get_setting, resolve_board_id, server_url
from kanban_cli.options import command
from kanban_cli.server_commands import exec_server_command, is_local_server

app = typer.Typer()


@command(app, examples=["kanban backup board.backup", "kanban backup --database board.db --force nightly.backup"])
def backup(
    file: Annotated[Path, typer.Argument(help="Where to.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
    database: Database = None,
) -> None:
    """Copy the whole database to a file, also while a server uses it. PostgreSQL needs pg_dump."""
    exec_server_command("backup", database, "--force" if force else None, "--", str(file))


@command(app, examples=["kanban restore board.backup", "kanban restore board.backup --database board.db"])
def restore(file: Annotated[Path, typer.Argument(help="The backup.")], database: Database = None) -> None:
    """Put a backup in the place of the database, while no server runs; what was there is kept beside.

    Every board begins a new epoch: who watches takes a snapshot and goes on.
    """
    exec_server_command("restore", database, "--", str(file))


@command(
    app,
    examples=[
        "kanban transfer postgresql://kanban@localhost/kanban",
        "kanban transfer --database board.db postgresql://kanban@db.example/kanban",
    ],
)
def transfer(
    to: Annotated[str, typer.Argument(metavar="URL", help="postgresql://USER@HOST/NAME, a database without boards.")],
    database: Database = None,
) -> None:
    """Move everything from a database file to PostgreSQL, while no server runs; the file stays as it is.

    Cursors, numbers and versions stay valid: who watches goes on where it stood, once a server runs on the new one.
    """
    exec_server_command("transfer", database, "--", to)


@command(app, examples=["kanban trim --keep 90d", "kanban trim -b 2 --keep 12w"])
def trim(
    keep: Annotated[str, typer.Option(metavar="AGE", help="How much to keep, such as 90d, 12w or 36h.")],
    database: Database = None,
) -> None:
    """Delete the oldest events of a board's log; what the board was then stands in their place.

    History says since when it speaks. Who reads from before that takes a snapshot and goes on.
    """
    exec_server_command("trim", database, "--board", str(_board_number(database)), "--keep", keep)


def _board_number(database: str | None) -> int:
    """Return the board's number. The URL's server knows only its own boards by name; `database` may be another."""
    board_name = get_setting("board") or ""
    if not (board_name.isdecimal() and board_name.isascii()) and not (database is None and is_local_server()):
        detail = f"Say the board's number: names are of the boards at {server_url()}, and the database is another's."
        raise CommandError(USAGE, detail, fix=command_line("-b", "NUMBER"))
    return resolve_board_id()
