"""The folder of a new database file. A mistyped path must not create a new, empty server."""

from __future__ import annotations

import sys
from pathlib import Path

from kanban_server.settings import Settings
from kanban_server.store.database import database_url


def offer(settings: Settings) -> None:
    """Ask at the terminal whether to create the missing folder of a named database file.

    Without a terminal nothing is created, and `store.database.driver_for` refuses to open the database.
    """
    url = database_url(settings)
    if not settings.database_url or url.get_backend_name() != "sqlite":
        return
    folder = Path(str(url.database)).absolute().parent
    if folder.is_dir() or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    print(f"There is no folder {folder}. Make it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() in {"y", "yes"}:
        folder.mkdir(parents=True, exist_ok=True)
