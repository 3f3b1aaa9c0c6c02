"""What the server's own machine is needed for: the verbs of `python -m kanban_server`, in the place of this process."""

import os
import sys
from typing import NoReturn

from kanban_cli.context import as_json, token, typed, url
from kanban_cli.exits import LOOPBACK, USAGE, Stop


def run(name: str, database: str | None, *arguments: str | None) -> NoReturn:
    """Become the verb; what is None among its arguments is left out.

    Where no database is named, the verb is told which one the server at the URL has, and refuses any other.
    """
    flags = ["--database", database] if database else _served(name)
    flags += ["--json"] if as_json() else []
    command = [sys.executable, "-m", "kanban_server", name, *flags, *(one for one in arguments if one is not None)]
    os.execv(sys.executable, command)


def at_home() -> bool:
    """Whether the server that is meant is this machine's, and nothing is at hand that it would know one by."""
    return token() is None and of_this_machine()


def of_this_machine() -> bool:
    """Whether the server that is meant is this machine's."""
    from kanban_sdk.calls.address import address

    return address(url()).hostname in LOOPBACK


def _served(name: str) -> list[str]:
    """The flag that names the database of the server at the URL. Stops where that server is out of reach elsewhere."""
    from kanban_cli import processes

    health = processes.health()
    if health is None and not of_this_machine() and not os.environ.get("KANBAN_DATABASE_URL"):
        detail = f"`kanban {name}` works on a database of this machine, and the server that is meant is at {url()}."
        raise Stop(USAGE, detail, fix=typed("--database", "FILE"))
    known = (health or {}).get("database_id")
    return ["--served-by", str(known)] if known else []
