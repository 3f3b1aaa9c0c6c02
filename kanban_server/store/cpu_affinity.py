"""The event loop and the writer thread share one core while many clients write (docs/decisions/0017-pinning.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import get_native_id

from kanban_server.rules.metrics import Histogram

SAMPLE_SECONDS = 0.25
"""How long threads stay pinned."""
SETTLE_SECONDS = 0.01
"""How long threads are unpinned afterwards, so that the kernel can move them off a core that other processes need."""
MIN_CHANGES_PER_COMMIT = 2.0
"""Average changes per commit from which on sharing a core pays; with fewer changes, two cores are faster."""

TASKS_FOLDER = Path("/proc/self/task")
IS_SUPPORTED = TASKS_FOLDER.exists()
"""Whether the kernel is Linux and shows a process's threads."""


async def pin_to_one_core(writer_thread: int, sizes: Histogram) -> None:
    """While commits hold many changes, pin the loop's thread and the writer thread to one core, if there are several.

    `writer_thread` is the thread's native id; `sizes` counts the changes in each commit.
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
    """All threads of the process: one that started on the shared core would otherwise stay pinned to it."""
    return [int(thread.name) for thread in TASKS_FOLDER.iterdir()]


def _current_core(thread: int) -> int:
    """The core it ran on last: field 39 of `stat` (proc_pid_stat(5)), counted after the name, which may have spaces."""
    return int((TASKS_FOLDER / str(thread) / "stat").read_text().rpartition(")")[2].split()[36])


def _pin_threads(threads: Iterable[int], cores: set[int]) -> None:
    for thread in threads:
        with suppress(OSError):  # the thread ended, or this process may not pin it
            os.sched_setaffinity(thread, cores)
