"""Boards and job queues with one interface: fill, then take a job and finish it, by many workers at a time."""

from __future__ import annotations

from typing import Protocol

from benchmarks.client import Load


class Queue(Protocol):
    """Jobs that workers take and finish."""

    async def fill(self, jobs: int) -> None:
        """Add jobs until this many wait."""

    async def run(self, workers: int, seconds: float) -> Load:
        """Let each worker take a job and finish it, again and again, for `seconds` or until no job waits."""
