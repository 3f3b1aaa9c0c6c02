"""The tools that are compared. Another one is a class like these, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.backlog import Backlog
from benchmarks.peers.ours import ByCommands, OverHttp
from benchmarks.peers.peer import Peer
from benchmarks.peers.taskmaster import TaskMaster
from benchmarks.peers.taskwarrior import Taskwarrior

OURS = ("ours", "ours-http")

ADAPTERS: dict[str, Callable[[Path, Path], Peer]] = {
    "ours": ByCommands,
    "ours-http": OverHttp,
    "backlog.md": Backlog,
    "task-master-ai": TaskMaster,
    "taskwarrior": Taskwarrior,
}
