"""`python -m kanban_server [VERB]`: start a server, or do what else needs the server's own files."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

COMMANDS = ("serve", "backup", "restore", "transfer", "trim", "doctor", "user", "token", "identify")
"""Each is a module in `verbs`; the first is meant where none is named."""


def main() -> None:
    """Run the verb that is named. Exit 2 where there is no such verb."""
    gc.set_threshold(50_000, 20, 20)  # what a start loads stays: collecting meanwhile took a tenth of it
    os.umask(0o077)  # the database, its log and its copies are for the server's own user
    arguments = sys.argv[1:]
    command = COMMANDS[0] if not arguments or arguments[0].startswith("-") else arguments.pop(0)
    if command not in COMMANDS:
        print(
            f"python -m kanban_server: there is no verb '{command}'; there are {', '.join(COMMANDS)}.", file=sys.stderr
        )
        sys.exit(2)
    import_module(f"kanban_server.commands.{command}").main(arguments)


if __name__ == "__main__":
    main()
