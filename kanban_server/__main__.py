"""`python -m kanban_server [COMMAND]`: start a server, or run a command that needs the server's own files."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

COMMANDS = ("serve", "migrate", "backup", "restore", "transfer", "trim", "doctor", "user", "token", "identify")
"""Each is a module in `commands`. The first is the default."""


def main() -> None:
    """Run the named command. Exit 2 if there is no such command."""
    gc.set_threshold(50_000, 20, 20)  # what a start loads stays alive: collecting it took a tenth of the start
    os.umask(0o077)  # only the server's own user may read the database, its log and its copies
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
