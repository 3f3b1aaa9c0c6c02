"""Backlog.md: one Markdown file a ticket, changed by commands."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.peers import environments
from benchmarks.peers.commands import CommandLine
from benchmarks.peers.peer import DONE, TODO, WORKING, Claim, State, Watch

STATUS = {TODO: "To Do", WORKING: "In Progress", DONE: "Done"}
COLUMNS = {status: column for column, status in STATUS.items()}


class Backlog(CommandLine):
    name = "backlog.md"
    settings = "`init --defaults --integration-mode none --no-git`; a claim is `task edit -s 'In Progress' -a @worker`"
    strengths = ("each ticket is a Markdown file in the project's git", "works without a server")

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        self._program = str(environments.npm(cache, "backlog.md") / "backlog")

    def program(self) -> Sequence[str]:
        return [self._program]

    def version(self) -> str:
        return self.output("--version").decode().strip()

    def start(self) -> None:
        self.output(
            "init", "board", "--defaults", "--integration-mode", "none", "--no-git", "--auto-open-browser", "false"
        )

    def create(self, title: str, key: str = "") -> str:
        out = self.output("task", "create", title, "--plain").decode()
        return next(line.split()[1] for line in out.splitlines() if line.startswith("Task "))

    def create_and_kill(self, title: str) -> None:
        self.first_line("task", "create", title, "--plain")

    def _list(self, *options: str) -> list[dict[str, Any]]:
        tickets: list[dict[str, Any]] = orjson.loads(self.output("task", "list", "--json", *options))["tasks"]
        return tickets

    def titles(self) -> list[str]:
        return [ticket["title"] for ticket in self._list()]

    def free(self) -> list[str]:
        return [ticket["id"] for ticket in self._list("--unassigned", "-s", STATUS[TODO])]

    def claim(self, ticket: str, worker: str) -> Claim | None:
        code, _ = self.run("task", "edit", ticket, "-s", STATUS[WORKING], "-a", f"@{worker}")
        return Claim(ticket, worker) if code == 0 else None

    def take_over(self, claim: Claim, worker: str) -> None:
        self.output("task", "edit", claim.ticket, "-a", f"@{worker}")

    def finish(self, claim: Claim) -> bool:
        return self.run("task", "edit", claim.ticket, "-s", STATUS[DONE])[0] == 0

    def move(self, ticket: str, column: str) -> None:
        self.output("task", "edit", ticket, "-s", STATUS[column])

    def read(self, ticket: str) -> State:
        return State(self.output("task", ticket, "--plain").decode())

    def edit(self, ticket: str, text: str, before: State) -> bool:
        return self.run("task", "edit", ticket, "-d", text)[0] == 0

    def watch(self, position: str = "") -> Watch:
        process = self.popen("task", "list", "--json", "--watch")
        watch = Watch(lambda: self._end(process))

        def read() -> None:
            assert process.stdout is not None
            lines: list[bytes] = []
            for line in process.stdout:
                lines.append(line)
                if line.rstrip() == b"}":  # each list is an indented object
                    for ticket in orjson.loads(b"".join(lines))["tasks"]:
                        watch.tell(f"{ticket['title']}@{COLUMNS[ticket['status']]}")
                    lines.clear()

        threading.Thread(target=read, daemon=True).start()
        return watch

    def command(self) -> list[str]:
        return [self._program, "--version"]

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        return self.output("task", "list", "--plain"), self.output("task", ticket, "--plain")
