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


@command(
    app,
    examples=["kanban backup board.backup", "kanban backup --database board.db --force nightly.backup"],
    without=["board", "user", "lease"],
)
def backup(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    database: Database = None,
) -> None:
    """Copy the whole database to a file.

    A server may use the database meanwhile. PostgreSQL needs pg_dump.
    """
    exec_server_command(invocation, "backup", database, "--force" if force else None, "--", str(file))


@command(
    app,
    examples=["kanban restore board.backup", "kanban restore board.backup --database board.db"],
    without=["board", "user", "lease"],
)
def restore(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    database: Database = None,
) -> None:
    """Replace the database by a backup, while no server runs.

    The replaced database is kept beside it. Every board begins a new epoch: a watch gets a snapshot and continues.
    """
    exec_server_command(invocation, "restore", database, "--", str(file))


@command(
    app,
    examples=[
        "kanban transfer postgresql://kanban@localhost/kanban",
        "kanban transfer --database board.db postgresql://kanban@db.example/kanban",
    ],
    without=["board", "user", "lease"],
)
def transfer(
    invocation: Invocation,
    to: Annotated[
        str, typer.Argument(metavar="URL", help="The new database, without boards: postgresql://USER@HOST/NAME.")
    ],
    database: Database = None,
) -> None:
    """Copy a database file to PostgreSQL, while no server runs.

    The file stays as it is. Cursors, numbers and versions stay valid: a watch continues where it stopped, once a server
    runs on the new database.
    """
    exec_server_command(invocation, "transfer", database, "--", to)


@command(app, examples=["kanban trim --keep 90d", "kanban trim -b 2 --keep 12w"], without=["user", "lease"])
def trim(
    invocation: Invocation,
    keep: Annotated[
        str, typer.Option(metavar="AGE", help="The age of the oldest event to keep, such as 90d, 12w or 36h.")
    ],
    database: Database = None,
) -> None:
    """Delete the oldest events of a board's log.

    A snapshot of the board takes their place. A reader with an older cursor gets a snapshot and continues.
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
