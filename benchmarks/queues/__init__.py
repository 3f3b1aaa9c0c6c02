"""Boards and job queues with one interface: fill, then take a job and finish it, by many workers at a time."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.client import Load
from benchmarks.machine import Missing

INSTALL_SECONDS = 90


class Queue(Protocol):
    """Jobs that workers take and finish."""

    async def fill(self, jobs: int) -> None:
        """Add jobs until this many wait."""

    async def run(self, workers: int, seconds: float) -> Load:
        """Let each worker take a job and finish it, again and again, for `seconds` or until no job waits."""


@contextmanager
def installed(package: str, installer: Sequence[str]) -> Iterator[Path]:
    """Install a package into a temporary folder for the duration of the block; yield the folder. Raises Missing.

    `installer` is a command that gets the folder and the package as its last arguments.
    """
    with tempfile.TemporaryDirectory(prefix="kanban-benchmark-") as folder:
        command = [*installer, folder, package]
        try:
            process = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Missing(f"{package} can't be installed: {error}") from error
        if process.returncode != 0:
            lines = process.stderr.strip().splitlines() or ["no reason was printed"]
            raise Missing(f"{package} can't be installed: {lines[-1]}")
        yield Path(folder)
