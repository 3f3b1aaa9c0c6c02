"""What the server's own machine is needed for: the verbs of `python -m kanban_server`, in the place of this process."""

import os
import sys
from typing import NoReturn

from kanban_cli.errors import LOOPBACK, CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import command_line, get_token, server_url, wants_json


def exec_server_command(name: str, database: str | None, *arguments: str | None) -> NoReturn:
    """Become the verb; what is None among its arguments is left out.

    Where no database is named, the verb is told which one the server at the URL has, and refuses any other.
    """
    flags = ["--database", database] if database else _served(name)
    flags += ["--json"] if wants_json() else []
    command = [
        sys.executable,
        "-m",
        "kanban_server",
        name,
        *flags,
        *(argument for argument in arguments if argument is not None),
    ]
    os.execv(sys.executable, command)


def is_local_without_token() -> bool:
    """Whether the server that is meant is this machine's, and nothing is at hand that it would know one by."""
    return get_token() is None and is_local_server()


def is_local_server() -> bool:
    """Whether the server that is meant is this machine's."""
    from kanban_sdk.calls.address import parse_address

    return parse_address(server_url()).hostname in LOOPBACK


def _served(name: str) -> list[str]:
    """The flag that names the database of the server at the URL. Stops where that server is out of reach elsewhere."""
    from kanban_cli import daemon

    health = daemon.read_health()
    if health is None and not is_local_server() and not os.environ.get("KANBAN_DATABASE_URL"):
        detail = (
            f"`kanban {name}` works on a database of this machine, and the server that is meant is at {server_url()}."
        )
        raise CommandError(USAGE, detail, fix=command_line("--database", "FILE"))
    known = (health or {}).get("database_id")
    return ["--served-by", str(known)] if known else []
