"""Detect whether a path still names the database file that the server opened.

Another file at that path must not be written to: neither by a transaction, nor by the checkpoint that SQLite makes when
the last connection closes, nor by the write-ahead log (WAL), which SQLite would replay into any file beside it.

The path is only checked with `stat`. Opening and closing the database file would drop the POSIX locks that SQLite holds
on it, since these belong to the process (https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from time import monotonic

from kanban_server.rules.problems import Refusal

log = logging.getLogger("kanban.store")

REASONS = {
    "removed": "it was moved or removed",
    "another-file": "another file was put in its place",
    "shorter": "it is shorter than it was",
}


class FileIdentity:
    """The identity of an open database file: its device, its inode, and the largest size seen.

    A file that is overwritten in place, and is never seen shorter, can't be distinguished from one that SQLite has
    written.
    """

    def __init__(self, path: Path, *, link: Path | None = None) -> None:
        """`link` is the path by which the file was opened, if that is a symbolic link to `path`."""
        self._path = path
        self._link = link if link is not None and link != path else None
        self._identity: tuple[int, int] | None = None
        self._wal: tuple[int, int] | None = None
        self._size = 0
        self._looked = -inf
        self._replaced: str | None = None
        self._wal_preserved = False
        self._lock = threading.Lock()

    def record_opened(self) -> None:
        """Record that a connection was opened. From the first one on, the path must name this file."""
        self._wal = _device_and_inode(self._sidecar("-wal"))
        if self._identity is None:
            self._identity = _device_and_inode(self._path)

    def problem(self, within: float = 0.0) -> Refusal | None:
        """`database-replaced`, from when the path was first seen to name no file, another, or a shorter one.

        A check that is no older than `within` seconds is not repeated.
        """
        if self._replaced is None:
            now = monotonic()
            if now - self._looked < within:
                return None
            self._looked = now
            reason = self._find_reason() or self._link_reason()
            if reason is None:
                return None
            self._report_replaced(reason)
        if not self._wal_preserved and self._find_reason() in {"another-file", "shorter"}:
            self._preserve_wal()
        return _database_replaced(self._replaced or "removed")

    def _find_reason(self) -> str | None:
        if self._identity is None:
            return None
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return "removed"
        except OSError:  # such as an unreadable folder, which proves nothing about the file
            return None
        if (status.st_dev, status.st_ino) != self._identity:
            return "another-file"
        if status.st_size < self._size:
            return "shorter"
        self._size = status.st_size
        return None

    def _link_reason(self) -> str | None:
        """Why the link no longer leads to the file, or None. The file itself is unchanged then, and keeps its WAL."""
        if self._link is None or self._identity is None:
            return None
        try:
            now = self._link.stat()
        except FileNotFoundError:
            return "removed"
        except OSError:
            return None
        return None if (now.st_dev, now.st_ino) == self._identity else "another-file"

    def _report_replaced(self, reason: str) -> None:
        with self._lock:
            if self._replaced is None:
                self._replaced = reason
                message = "%s is no longer the file that was opened: %s. Changes are refused."
                log.error(message, self._link or self._path, REASONS[reason])

    def _preserve_wal(self) -> None:
        """Rename the WAL, so that it is not replayed into the new file. The server continues to read it."""
        with self._lock:
            if self._wal_preserved:
                return
            self._wal_preserved = True
            wal = self._sidecar("-wal")
            if self._wal is None or _device_and_inode(wal) != self._wal:
                return
            target = self._path.with_name(f"{self._path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}")
            for suffix in ("-wal", "-shm"):
                try:
                    self._sidecar(suffix).rename(target.with_name(target.name + suffix))
                except OSError as error:
                    log.error("%s could not be put aside: %s. Remove it.", self._sidecar(suffix), error)
            log.error("The write-ahead log of the file that was opened is kept as %s-wal.", target)

    def _sidecar(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


def _database_replaced(reason: str) -> Refusal:
    return Refusal(
        "database-replaced",
        f"The database file is no longer the one that the server opened: {REASONS[reason]}. "
        "Nothing is written any more.",
        fix="Save what the server still shows (kanban export FILE). Stop it, put the right database file in place, and "
        "start it again.",
        reason=reason,
    )


def check_single_link(path: Path) -> None:
    """Refused: `database-linked`, if the file has several hard links.

    The lock and the WAL are named after one path, so a server that uses another path would not see them.
    """
    try:
        links = path.stat().st_nlink
    except FileNotFoundError:
        return
    if links > 1:
        raise Refusal(
            "database-linked",
            f"{path} has {links} names (hard links), so it can't be locked against a second server.",
            fix=f"Remove the other names: find / -xdev -samefile {path}. Or copy it, and use the copy.",
            links=links,
        )


def _device_and_inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
