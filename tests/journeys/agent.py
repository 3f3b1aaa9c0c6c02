"""An agent that knows only what `kanban prime` and each answer tell it: `python -m tests.journeys.agent`.

It takes tickets, comments on them and finishes them, until it is told to stop, or is killed. It blocks some by a new
ticket, and hands over others; with `--asks` as the first argument, it asks about some. It prints the number of each
ticket that it takes, and at its end how many commands it ran and how many bytes they printed.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

NOTHING_READY, LOST = 4, 5


class Agent:
    def __init__(self, *extra: str) -> None:
        self.commands_run = self.bytes_read = 0
        prime: dict[str, Any] = json.loads(self.run("kanban", "prime", "--json").stdout)
        self.commands: dict[str, str] = prime["commands"]
        self.asks = extra[:1] == ("--asks",)
        self.extra = extra[1:] if self.asks else extra
        """Options of the commands that take a ticket."""
        self.asked: set[str] = set()
        """Tickets that wait for a reply."""

    def run(self, *typed: str) -> subprocess.CompletedProcess[str]:
        assert typed[0] == "kanban", typed
        process = subprocess.run(
            [sys.executable, "-m", "kanban_cli", *typed[1:]], capture_output=True, text=True, check=False
        )
        self.commands_run += 1
        self.bytes_read += len((process.stdout + process.stderr).encode())
        return process

    def do(self, command: str, *extra: str, **words: str) -> subprocess.CompletedProcess[str]:
        """Run a command with its placeholders in capitals replaced. Accepts a lost lease and no ready ticket."""
        typed = [words.get(word, word) for word in shlex.split(self.commands[command])]
        process = self.run(*typed, *extra)
        assert process.returncode in {0, NOTHING_READY, LOST}, (typed, process)
        return process

    def work(self) -> None:
        """Work until nothing is left for this agent."""
        output: str | None = ""
        while output is not None:
            output = self.handle(output) if "\nid\t" in f"\n{output}" else self.take()
        print(json.dumps({"commands": self.commands_run, "bytes": self.bytes_read}), flush=True)

    def take(self) -> str | None:
        """Take a ticket, or go on with one whose question has a reply. Returns what is shown, None to stop."""
        output = self.do("take", *self.extra, *(["--or-reply"] if self.asked else []))
        if output.returncode == NOTHING_READY:
            assert "next:" not in output.stderr, output
            return None
        if not output.stdout.startswith("reply on "):
            return output.stdout
        ticket = output.stdout.split()[2]
        self.asked.discard(ticket)
        return self.finish(ticket)

    def finish(self, ticket: str) -> str:
        """Finish a ticket, and return what is shown of the next one."""
        done = self.do("finish", *self.extra, TICKET=ticket, NOTE=f"done: {ticket}")
        return done.stdout.partition("\n")[2]

    def handle(self, output: str) -> str:
        """Work on a ticket that is shown, and return what is shown next."""
        fields = dict(line.split("\t") for line in output.splitlines() if line.count("\t") == 1)
        ticket = fields["id"]
        print(ticket, flush=True)
        again = "attempt 1 " in output
        number = 1 if again else int(fields["title"].split()[-1])
        if number % 7 == 0:
            other = self.run("kanban", "add", f"needed by {ticket}, part 1").stdout.split()[0]
            self.do("block", TICKET=ticket, OTHER=other)
        if number % 7 in {0, 3}:
            self.do("hand over", TICKET=ticket, NOTE="another agent continues", TEXT="another agent continues")
            return ""
        if self.asks and number % 3 == 1:
            self.do("ask", TICKET=ticket, **{"@NAME TEXT": "@owner which one?"})
            self.asked.add(ticket)
            return ""
        self.do("comment", TICKET=ticket, TEXT="begun")
        return self.finish(ticket)


if __name__ == "__main__":
    Agent(*sys.argv[1:]).work()
