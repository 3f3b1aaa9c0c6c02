"""Taskwarrior 2: one data file, locked by each command."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.machine import Missing
from benchmarks.peers.commands import CommandLine
from benchmarks.peers.peer import DONE, Claim, State, Unavailable


class Taskwarrior(CommandLine):
    name = "taskwarrior"
    settings = "`rc.confirmation=off rc.gc=off`, no rc file; a claim is `task +PENDING -ACTIVE ID start`"
    strengths = ("works without a server", "plain text files")

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        program = shutil.which("task")
        if program is None:
            raise Missing("`task` is not installed here (Debian: apt install taskwarrior)")
        self._program = program
        self.environment |= {"TASKRC": "/dev/null", "TASKDATA": str(folder / "data")}
        (folder / "data").mkdir()

    def program(self) -> Sequence[str]:
        return [self._program, "rc.confirmation=off", "rc.verbose=new-uuid", "rc.gc=off"]

    def version(self) -> str:
        return subprocess.run(self.command(), capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    def create(self, title: str, key: str = "") -> str:
        return self.output("add", title).decode().strip().rstrip(".").split()[-1]

    def create_and_kill(self, title: str) -> None:
        self.first_line("add", title)

    def _export(self, *filters: str) -> list[dict[str, Any]]:
        tickets: list[dict[str, Any]] = orjson.loads(self.output(*filters, "export"))
        return tickets

    def titles(self) -> list[str]:
        return [ticket["description"] for ticket in self._export()]

    def free(self) -> list[str]:
        return [ticket["uuid"] for ticket in self._export("+PENDING", "-ACTIVE")]

    def claim(self, ticket: str, worker: str) -> Claim | None:
        code, _ = self.run(ticket, "start")  # ends with 1 if it was started already
        return Claim(ticket, worker) if code == 0 else None

    def take_over(self, claim: Claim, worker: str) -> None:
        raise Unavailable("a started ticket has no holder")

    def move(self, ticket: str, column: str) -> None:
        if column == DONE:
            raise Unavailable("a ticket is pending, started or done, and done is an end")
        started = bool(self._export(ticket)[0].get("start"))
        self.output(ticket, "stop" if started else "start")

    def read(self, ticket: str) -> State:
        return State(self.output(ticket, "export").decode())

    def edit(self, ticket: str, text: str, before: State) -> bool:
        return self.run(ticket, "modify", text)[0] == 0

    def command(self) -> list[str]:
        return [self._program, "--version"]

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        return self.output("rc.detection=off", "list"), self.output(ticket, "info")
