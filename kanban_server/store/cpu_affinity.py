"""The core that the loop's thread and the writer's share while many write (docs/decisions/0014-one-core.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

from kanban_server.rules.metrics import Histogram

SAMPLE_SECONDS = 0.25
"""For how long threads stay where they are."""
SETTLE_SECONDS = 0.01
"""For how long they may then go anywhere, so that the kernel can take them off a core that others want."""
MIN_CHANGES_PER_COMMIT = 2.0
"""Changes in a commit, on average, from which on many write: where they are fewer, two cores are quicker."""

TASKS_FOLDER = Path("/proc/self/task")
IS_SUPPORTED = TASKS_FOLDER.exists()
"""Whether the kernel is Linux, and tells."""


async def pin_to_one_core(writer_thread: int, sizes: Histogram) -> None:
    """While commits are of many changes, keep the loop's thread and the writer's on one core, if there are several.

    `writer` is the thread's native id, `sizes` counts the changes in each commit.
    """
    if not IS_SUPPORTED or len(all_cores := os.sched_getaffinity(0)) == 1:
        return
    loop_thread, pinned = get_native_id(), False
    try:
        while True:
            commits, changes = sizes.count, sizes.total
            await asyncio.sleep(SAMPLE_SECONDS)
            if pinned:
                _pin_threads(_thread_ids(), all_cores)
            commits, changes = sizes.count - commits, sizes.total - changes
            pinned = changes >= MIN_CHANGES_PER_COMMIT * max(commits, 1)
            if pinned:
                await asyncio.sleep(SETTLE_SECONDS)
                _pin_threads((loop_thread, writer_thread), {_current_core(loop_thread)})
    finally:
        _pin_threads(_thread_ids(), all_cores)


def _thread_ids() -> list[int]:
    """All of the process: one that was begun on the shared core would stay there."""
    return [int(thread.name) for thread in TASKS_FOLDER.iterdir()]


def _current_core(thread: int) -> int:
    """Where it ran last: the 39th field (proc_pid_stat(5)), counted from behind the name, which may hold spaces."""
    return int((TASKS_FOLDER / str(thread) / "stat").read_text().rpartition(")")[2].split()[36])


def _pin_threads(threads: Iterable[int], cores: set[int]) -> None:
    for thread in threads:
        with suppress(OSError):  # it ended, or this process may not
            os.sched_setaffinity(thread, cores)
