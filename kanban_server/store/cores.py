"""The core that the loop's thread and the writer's share while many write (docs/decisions/0014-one-core.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

from kanban_server.rules.counts import Histogram

LOOK_SECONDS = 0.25
"""For how long threads stay where they are."""
SETTLE_SECONDS = 0.01
"""For how long they may then go anywhere, so that the kernel can take them off a core that others want."""
MANY = 2.0
"""Changes in a commit, on average, from which on many write: where they are fewer, two cores are quicker."""

THREADS = Path("/proc/self/task")
KNOWN = THREADS.exists()
"""Whether the kernel is Linux, and tells."""


async def share_one(writer: int, sizes: Histogram) -> None:
    """While commits are of many changes, keep the loop's thread and the writer's on one core, if there are several.

    `writer` is the thread's native id, `sizes` counts the changes in each commit.
    """
    if not KNOWN or len(anywhere := os.sched_getaffinity(0)) == 1:
        return
    loop, together = get_native_id(), False
    try:
        while True:
            commits, changes = sizes.count, sizes.total
            await asyncio.sleep(LOOK_SECONDS)
            if together:
                _place(_threads(), anywhere)
            commits, changes = sizes.count - commits, sizes.total - changes
            together = changes >= MANY * max(commits, 1)
            if together:
                await asyncio.sleep(SETTLE_SECONDS)
                _place((loop, writer), {_core(loop)})
    finally:
        _place(_threads(), anywhere)


def _threads() -> list[int]:
    """All of the process: one that was begun on the shared core would stay there."""
    return [int(thread.name) for thread in THREADS.iterdir()]


def _core(thread: int) -> int:
    """Where it ran last: the 39th field (proc_pid_stat(5)), counted from behind the name, which may hold spaces."""
    return int((THREADS / str(thread) / "stat").read_text().rpartition(")")[2].split()[36])


def _place(threads: Iterable[int], cores: set[int]) -> None:
    for thread in threads:
        with suppress(OSError):  # it ended, or this process may not
            os.sched_setaffinity(thread, cores)
