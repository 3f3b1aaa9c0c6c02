"""Contents of files in a folder (`KANBAN_FILES_FOLDER`): copied into a backup, and back.

A content never changes under its name, so one that is there already is not copied again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kanban_server.store.atomic_file import PREFIX, arriving


def beside(backup: Path) -> Path:
    """The folder with the contents that belong to a backup."""
    return backup.with_name(f"{backup.name}.files")


def copy_contents(source: Path, target: Path) -> int:
    """Copy the contents of a folder that the target does not have, and return how many the source has.

    Contents that are deleted meanwhile are left out. Raises OSError.
    """
    count = 0
    for path in _contents(source):
        copy = target / path.relative_to(source)
        count += 1
        with suppress(FileNotFoundError):
            if copy.exists() and copy.stat().st_size == path.stat().st_size:
                continue
            with path.open("rb") as opened:
                copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with arriving(copy) as part, part.open("wb") as written:
                    shutil.copyfileobj(opened, written, 1024 * 1024)
    return count


def remove_others(folder: Path, source: Path) -> None:
    """Remove the contents that the source does not have. Raises OSError."""
    for path in list(_contents(folder)):
        if not (source / path.relative_to(folder)).exists():
            path.unlink(missing_ok=True)


def _contents(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(PREFIX)]
        yield from (Path(parent) / name for name in sorted(names))
