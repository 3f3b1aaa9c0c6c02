"""How much memory a process uses."""

from __future__ import annotations

from pathlib import Path


def resident(pid: int) -> int:
    """The memory that a process has in use, in bytes (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096
