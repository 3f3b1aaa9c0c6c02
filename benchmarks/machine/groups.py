"""Control groups with a processor quota: version 1 (`cpu.cfs_quota_us`) and version 2 (`cpu.max`)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import Missing

PERIOD_US = 10_000
"""The kernel's default is 100 ms, in which a small quota stops a process for most of a response time."""
REMOVAL_SECONDS = 5.0
"""How long the kernel may need to let go of processes that have ended."""


@dataclass(frozen=True)
class Hierarchy:
    """The folder in which groups are made, and the version of control groups."""

    folder: Path
    version: int


@dataclass(frozen=True)
class Group:
    """A control group."""

    folder: Path
    cores: float
    """Its quota: seconds of processor time per second."""

    def add(self, *pids: int) -> None:
        """Move processes into the group. What they start later belongs to it too."""
        for pid in pids:
            try:
                (self.folder / "cgroup.procs").write_text(str(pid))
            except ProcessLookupError:
                continue  # it has ended

    def release(self, pid: int) -> None:
        """Move a process to the parent of the group."""
        (self.folder.parent / "cgroup.procs").write_text(str(pid))


@contextmanager
def group(name: str, cores: float) -> Iterator[Group]:
    """Make a group with a quota for the duration of the block. Its processes must end before that. Raises Missing."""
    parent = hierarchy()
    folder = parent.folder / f"kanban-benchmark-{os.getpid()}-{name}"
    quota = int(cores * PERIOD_US)
    try:
        folder.mkdir()
        if parent.version == 1:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    except OSError as error:
        if folder.exists():
            folder.rmdir()
        raise Missing(f"no processor quota can be set: {error}") from error
    try:
        yield Group(folder, cores)
    finally:
        _remove(folder)


def hierarchy() -> Hierarchy:
    """Return where quotas can be set. Raises Missing."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except FileNotFoundError as error:
        raise Missing("there is no /proc/mounts") from error
    for _, folder, kind, options, *_ in mounts:
        if kind == "cgroup" and "cpu" in options.split(","):
            return Hierarchy(_writable(_own(Path(folder))), 1)
    for _, folder, kind, *_ in mounts:
        if kind == "cgroup2" and "cpu" in (Path(folder) / "cgroup.controllers").read_text().split():
            return Hierarchy(_delegated(_writable(Path(folder))), 2)
    raise Missing("no control groups with the cpu controller are mounted")


def _own(mount: Path) -> Path:
    """Return the folder of this process's group (version 1); the mount itself if that can't be seen from here."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(",") and (mount / path.lstrip("/")).is_dir():
            return mount / path.lstrip("/")
    return mount


def _writable(folder: Path) -> Path:
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise Missing(f"{folder} can't be written")
    return folder


def _delegated(folder: Path) -> Path:
    """Let groups below have quotas (version 2)."""
    control = folder / "cgroup.subtree_control"
    if "cpu" not in control.read_text().split():
        try:
            control.write_text("+cpu")
        except OSError as error:
            raise Missing(f"{control} can't be written: {error}") from error
    return folder


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + REMOVAL_SECONDS
    while True:
        try:
            return folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
