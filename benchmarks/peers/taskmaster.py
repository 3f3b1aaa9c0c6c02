"""task-master-ai: one JSON file, changed by commands. Only what works without a language model is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.peers import environments
from benchmarks.peers.commands import CommandLine
from benchmarks.peers.peer import DONE, TODO, WORKING, Claim, Unavailable

STATUS = {TODO: "pending", WORKING: "in-progress", DONE: "done"}
NO_TASKS = b'{"master": {"tasks": []}}'


class TaskMaster(CommandLine):
    name = "task-master-ai"
    settings = (
        "`init -y --no-git --no-aliases`, an empty `tasks.json`, no model; a claim is `set-status --status in-progress`"
    )
    strengths = ("all tickets are one JSON file in the project", "works without a server")

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        self._program = str(environments.npm(cache, "task-master-ai") / "task-master")

    def program(self) -> Sequence[str]:
        return [self._program]

    def version(self) -> str:
        return self.output("--version").decode().strip()

    def start(self) -> None:
        self.output("init", "-y", "--name=board", "--no-git", "--no-aliases")
        (self.folder / ".taskmaster" / "tasks" / "tasks.json").write_bytes(NO_TASKS)

    def create(self, title: str, key: str = "") -> str:
        out = self.output("add-task", "--title", title, "--description", "text").decode()
        return next(line.split("Task ")[1].split()[0] for line in out.splitlines() if "Created Successfully" in line)

    def create_and_kill(self, title: str) -> None:
        self.first_line("add-task", "--title", title, "--description", "text")

    def _list(self) -> list[dict[str, Any]]:
        tickets: list[dict[str, Any]] = orjson.loads(self.output("list", "--json"))["tasks"]
        return tickets

    def titles(self) -> list[str]:
        return [ticket["title"] for ticket in self._list()]

    def free(self) -> list[str]:
        return [str(ticket["id"]) for ticket in self._list() if ticket["status"] == STATUS[TODO]]

    def claim(self, ticket: str, worker: str) -> Claim | None:
        code, _ = self.run("set-status", "--id", ticket, "--status", STATUS[WORKING])
        return Claim(ticket, worker) if code == 0 else None

    def take_over(self, claim: Claim, worker: str) -> None:
        raise Unavailable("a ticket has no holder")

    def move(self, ticket: str, column: str) -> None:
        self.output("set-status", "--id", ticket, "--status", STATUS[column])

    def command(self) -> list[str]:
        return [self._program, "--version"]

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        return self.output("list", "--compact"), self.output("show", ticket, "--json")
