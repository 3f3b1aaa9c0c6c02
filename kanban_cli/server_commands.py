"""Run the verbs of `python -m kanban_server`, which need the server's machine, in place of this process."""

import os
import sys
from typing import NoReturn

from kanban_cli.errors import LOOPBACK, CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import command_line, get_token, server_url, wants_json


def exec_server_command(name: str, database: str | None, *arguments: str | None) -> NoReturn:
    """Replace this process by the verb; arguments that are None are omitted.

    Without `database`, the verb gets the id of the database of the server at the URL, and refuses any other.
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
    """Whether the server is on this machine and no token is available for it."""
    return get_token() is None and is_local_server()


def is_local_server() -> bool:
    """Whether the server is on this machine."""
    from kanban_sdk.calls.address import parse_address

    return parse_address(server_url()).hostname in LOOPBACK


def _served(name: str) -> list[str]:
    """Return the flag with the database id of the server at the URL. Stops if an unreachable server is not local."""
    from kanban_cli import daemon

    health = daemon.read_health()
    if health is None and not is_local_server() and not os.environ.get("KANBAN_DATABASE_URL"):
        detail = (
            f"`kanban {name}` works on a database of this machine, and the server that is meant is at {server_url()}."
        )
        raise CommandError(USAGE, detail, fix=command_line("--database", "FILE"))
    known = (health or {}).get("database_id")
    return ["--served-by", str(known)] if known else []
