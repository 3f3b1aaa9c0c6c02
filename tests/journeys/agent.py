"""An agent that knows only the output of `kanban prime`: `python -m tests.journeys.agent`.

It takes tickets, comments on them and finishes them, until it is killed. It blocks some by a new ticket, and hands over
others. It prints the number of each ticket that it takes.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

NOTHING_READY, LOST = 4, 5


def run(*typed: str) -> subprocess.CompletedProcess[str]:
    assert typed[0] == "kanban", typed
    return subprocess.run([sys.executable, "-m", "kanban_cli", *typed[1:]], capture_output=True, text=True, check=False)


class Agent:
    def __init__(self, *extra: str) -> None:
        prime: dict[str, Any] = json.loads(run("kanban", "prime", "--json").stdout)
        self.commands: dict[str, str] = prime["commands"]
        self.extra = extra
        """Options of the command that takes a ticket."""

    def do(self, command: str, *extra: str, **words: str) -> subprocess.CompletedProcess[str]:
        """Run a command with its placeholders in capitals replaced. Accepts a lost lease and no ready ticket."""
        typed = [words.get(word, word) for word in shlex.split(self.commands[command])]
        process = run(*typed, *extra)
        assert process.returncode in {0, NOTHING_READY, LOST}, (typed, process)
        return process

    def work(self) -> None:
        while True:
            taken = self.do("take", *self.extra)
            if taken.returncode == NOTHING_READY:
                run(*shlex.split(taken.stderr.partition("next: ")[2]))
            else:
                self.handle(taken.stdout)

    def handle(self, shown: str) -> None:
        fields = dict(line.split("\t") for line in shown.splitlines() if line.count("\t") == 1)
        ticket, lease = fields["id"], fields["lease"].split()[0]
        held = {"TICKET": ticket, "LEASE": lease}
        print(ticket, flush=True)
        again = "attempt 1 " in shown
        number = 1 if again else int(fields["title"].split()[-1])
        waits, handed_over = number % 7 == 0, number % 7 == 3
        self.do("comment", **held, TEXT=f"begun under {lease}")
        if waits:
            other = run("kanban", "add", f"needed by {ticket}, part 1").stdout.split()[0]
            self.do("block", **held, OTHER=other)
        if waits or handed_over:
            self.do("hand over", **held, TEXT="another agent continues")
        else:
            self.do("finish", **held)


if __name__ == "__main__":
    Agent(*sys.argv[1:]).work()
