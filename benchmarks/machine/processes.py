"""Processor time of processes, from /proc: Linux only."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.machine import Missing

PROC = Path("/proc")
STAT_PARENT, STAT_TIMES = 1, slice(11, 15)
"""Fields of /proc/PID/stat after the name: the parent; utime, stime, and those of ended children (cutime, cstime)."""


def require_proc() -> None:
    """Raise Missing where there is no /proc."""
    if not (PROC / "self/stat").exists():
        raise Missing("there is no /proc")


def processor_seconds(pid: int, *, below: bool = True) -> float:
    """Return the processor time of a process and its threads, and of all processes below it, running or ended.

    Without `below`, only the ended ones of these.
    """
    ticks = 0
    for member in tree(pid) if below else [pid]:
        try:
            ticks += sum(map(int, _stat(member)[STAT_TIMES]))
        except FileNotFoundError:
            continue  # it has ended: its parent's times contain it
    return ticks / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return the ids of a process and of all processes below it, parents first."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                children.setdefault(int(_stat(int(folder.name))[STAT_PARENT]), []).append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    members = [pid]
    for member in members:  # grows while it is read
        members += children.get(member, [])
    return members


def _stat(pid: int) -> list[str]:
    text = (PROC / str(pid) / "stat").read_text()
    return text.rpartition(")")[2].split()
