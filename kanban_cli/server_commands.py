"""Run the verbs of `python -m kanban_server`, which need the server's machine, in place of this process."""

import os
import sys
from typing import NoReturn

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.hints import LOOPBACK
from kanban_cli.invocation import Invocation


def exec_server_command(invocation: Invocation, name: str, database: str | None, *arguments: str | None) -> NoReturn:
    """Replace this process by the verb; arguments that are None are omitted.

    Without `database`, the verb gets the id of the database of the server at the URL, and refuses any other.
    """
    flags = ["--database", database] if database else _served(invocation, name)
    flags += ["--json"] if invocation.options.json else []
    command = [
        sys.executable,
        "-m",
        "kanban_server",
        name,
        *flags,
        *(argument for argument in arguments if argument is not None),
    ]
    os.execve(sys.executable, command, invocation.environment)


def is_local_without_token(invocation: Invocation) -> bool:
    """Whether the server is on this machine and no token is available for it."""
    return invocation.token is None and is_local_server(invocation)


def is_local_server(invocation: Invocation) -> bool:
    """Whether the server is on this machine."""
    from kanban_sdk.calls.address import parse_address

    return parse_address(invocation.server_url).hostname in LOOPBACK


def _served(invocation: Invocation, name: str) -> list[str]:
    """Return the flag with the database id of the server at the URL. Stops if an unreachable server is not local."""
    from kanban_cli import daemon

    health = daemon.read_health(invocation)
    if health is None and not is_local_server(invocation) and not invocation.environment.get("KANBAN_DATABASE_URL"):
        server = f"the server is at {invocation.server_url}"
        detail = f"`kanban {name}` works on a database of this machine, and {server}. Name one with --database."
        raise CommandError(USAGE, detail, fix=f"kanban {name} --help")
    known = (health or {}).get("database_id")
    return ["--served-by", str(known)] if known else []
