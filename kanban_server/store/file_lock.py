"""The lock beside a database file: one process holds it, and writes into it where that process can be reached."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import NamedTuple

KEY_HEADER = "Kanban-Key"
"""The header that carries the admin key."""


class Holder(NamedTuple):
    """The server that has a file: its address, and the key that proves that the client may read the server's files."""

    url: str
    key: str


class FileInUse(Exception):
    """Another process has the database file. `holder` is its address, if it is a server that answers."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        super().__init__(f"Another kanban server has {path} open. Stop it, or give this one another --database.")
        self.path = path
        self.holder = holder


class FileLock:
    """The lock of a database file, from construction until it is released. Raises FileInUse."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(f"{database.name}.lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._read_holder()
            os.close(self._descriptor)
            raise FileInUse(database, holder) from error
        os.fchmod(self._descriptor, 0o600)
        os.ftruncate(self._descriptor, 0)

    def write_holder(self, holder: Holder) -> None:
        """Write the address of the server that has the file. Only the file's owner can read it."""
        os.pwrite(self._descriptor, json.dumps(holder._asdict()).encode(), 0)

    def release(self) -> None:
        """Release the lock, so that another process can have the file. May be called twice."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def _read_holder(self) -> Holder | None:
        try:
            return Holder(**json.loads(os.pread(self._descriptor, 4096, 0)))
        except (ValueError, TypeError):
            return None  # the holder is starting, or is a short command
