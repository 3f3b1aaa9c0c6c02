"""A temporary file beside its target that takes the target's name once it is complete.

It is written in a folder of its own, which its process locks. A process that is killed leaves the folder without the
lock, and the next process that writes there removes it. The folder is locked instead of the file, because SQLite locks
the file itself, and some systems do not allow two kinds of lock on one file.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".kanban-part-"
"""The prefix of the name of every such folder."""


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """A new file that only its owner can read. After the block it is synced and replaces the target. Raises OSError."""
    _sweep(target.parent)
    folder, lock = _locked_folder(target.parent)
    part = folder / target.name
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # another process removed it before it could be locked
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder, lock
        os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the folders that no running process has locked."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another process removed it first, or it belongs to another user
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)


def _sync(path: Path) -> None:
    """Wait until the data is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
