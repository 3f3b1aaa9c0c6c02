"""What the server's own machine is needed for: the verbs of `python -m kanban_server`, in the place of this process."""

import os
import sys
from typing import NoReturn

from kanban_cli.context import as_json, token, url
from kanban_cli.exits import LOOPBACK


def run(name: str, database: str | None, *arguments: str | None) -> NoReturn:
    """Become the verb; what is None among its arguments is left out."""
    flags = [*(["--database", database] if database else []), *(["--json"] if as_json() else [])]
    command = [sys.executable, "-m", "kanban_server", name, *flags, *(one for one in arguments if one is not None)]
    os.execv(sys.executable, command)


def at_home() -> bool:
    """Whether the server that is meant is this machine's, and nothing is at hand that it would know one by."""
    return token() is None and of_this_machine()


def of_this_machine() -> bool:
    """Whether the server that is meant is this machine's."""
    from kanban_sdk.calls.address import address

    return address(url()).hostname in LOOPBACK


def served(database: str | None) -> str | None:
    """The flag for a verb that a server answers at the URL, whose database is meant, since none is named."""
    from kanban_cli import processes

    return "--served" if database is None and processes.health() is not None else None
