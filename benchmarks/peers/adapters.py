"""The tools that are compared. Another one is a class like these, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import Missing
from benchmarks.peers import environments
from benchmarks.peers.agent_kanban_pm import AgentKanbanPm
from benchmarks.peers.backlog import Backlog
from benchmarks.peers.ours import ByCommands, OverHttp
from benchmarks.peers.peer import Peer
from benchmarks.peers.taskmaster import TaskMaster
from benchmarks.peers.taskwarrior import Taskwarrior


def without_adapter(install: Callable[[Path, str], Path], package: str) -> Callable[[Path, Path], Peer]:
    """Return an adapter that only tells whether the package can be installed."""

    def adapter(folder: Path, cache: Path) -> Peer:
        install(cache, package)
        raise Missing(f"{package} can be installed, but has no adapter here yet")

    return adapter


def job_queue(folder: Path, cache: Path) -> Peer:
    raise Missing("it queues jobs and has no tickets; `scripts/benchmark claims` compares claims with it")


OURS = ("ours", "ours-http")

ADAPTERS: dict[str, Callable[[Path, Path], Peer]] = {
    "ours": ByCommands,
    "ours-http": OverHttp,
    "backlog.md": Backlog,
    "task-master-ai": TaskMaster,
    "taskwarrior": Taskwarrior,
    "agent-kanban-pm": AgentKanbanPm,
    "kanbaroo": without_adapter(environments.python, "kanbaroo"),
    "procrastinate": job_queue,
    "pg-boss": job_queue,
}
