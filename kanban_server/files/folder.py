"""Contents as files of a folder, `<board>/<digits of the hash>/<hash>-<id>`, that only the server's user reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from kanban_server.rules.problems import Refusal
from kanban_server.store.atomic_file import arriving

COPY_BYTES = 1024 * 1024


def path_of(root: Path, board_id: int, digest: str, blob_id: int) -> Path:
    """The path of a content. The id is part of it, so that one that is being deleted never meets a new one."""
    return root / str(board_id) / digest[:2] / f"{digest}-{blob_id}"


def write(path: Path, content: IO[bytes]) -> None:
    """Write a content, which is complete and on the disk, or not there at all. Refused: `storage-full`."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with arriving(path) as temporary, temporary.open("wb") as target:
            while data := content.read(COPY_BYTES):
                target.write(data)
    except OSError as error:
        raise Refusal(
            "storage-full",
            f"The folder of files can't be written ({error.strerror}); nothing was changed.",
            fix="Free some room on the server's disk, or let its user write there, then try again.",
        ) from error


def read(path: Path, offset: int, size: int) -> bytes:
    """A part of a content; empty where it was deleted."""
    try:
        with path.open("rb", buffering=0) as source:
            return os.pread(source.fileno(), size, offset)
    except FileNotFoundError:
        return b""


def delete(path: Path) -> None:
    """Delete a content."""
    path.unlink(missing_ok=True)
