"""Many tool calls of every program: in deny mode no change without a claim, and none refused without a server."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest

from kanban_sdk import Kanban
from tests.hooks.sessions import PROGRAMS, Session, is_denied
from tests.support.cli import Shell
from tests.support.servers import Server

WORKERS = 4
CHANGES = ("before-tool", "write", "commit")
OTHER_PAYLOADS = ("shell", "read")


class Calls:
    """The tool calls of one session, with the facts to judge each of them."""

    def __init__(self, session: Session, server: Server, board: int, calls: int, seed: int) -> None:
        self.session = session
        self.server = server
        self.board = board
        self.calls = calls
        self.random = random.Random(seed)
        self.took: list[float] = []
        self.refused = self.allowed = 0

    def run(self) -> None:
        """Make the calls: now and then claim or release, and check each answer against what is held."""
        with Kanban(self.server.url, self.session.name) as kanban:
            ticket = kanban.tickets.create("Work", board=self.board).id
        holds = False
        for _ in range(self.calls):
            if self.random.random() < 0.02:
                words = ("release", ticket) if holds else ("claim", ticket)
                self.session.kanban(*words)
                holds = not holds
            payload = self.random.choice([*CHANGES, *OTHER_PAYLOADS])
            answer = self.call("before-tool", payload)
            needs_claim = payload in CHANGES
            assert is_denied(answer) == (needs_claim and not holds), (payload, holds, answer)
            self.refused += is_denied(answer)
            self.allowed += not is_denied(answer)

    def call(self, event: str, payload: str) -> object:
        """Run one hook, and keep how long it took."""
        body = json.dumps(self.session.payload(payload)).encode()
        start = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-m", "kanban_cli", "hook", event, "--for", self.session.program, "--gate", "deny"],
            input=body,
            capture_output=True,
            cwd=self.session.shell.folder,
            env=self.session.shell.settings(),
            timeout=60,
        )
        self.took.append((time.perf_counter() - start) * 1000)
        assert process.returncode == 0, process
        return json.loads(process.stdout or b"{}")


def all_calls(server: Server, folder: Path, count: int) -> list[Calls]:
    """Sessions of each program, each under a name of its own, which make `count` calls together."""
    with server.kanban("ada") as kanban:
        board = kanban.boards.create("Ten thousand").id
    sessions = []
    for seed, program in enumerate(PROGRAMS):
        shell = Shell(folder / program, {"KANBAN_URL": server.url, "KANBAN_BOARD": str(board), "KANBAN_USER": program})
        shell.folder.mkdir()
        sessions.append(Calls(Session(program, shell, program), server, board, count // len(PROGRAMS) + 1, seed))
    return sessions


def report(what: str, times: list[float]) -> None:
    ordered = sorted(times)
    print(
        f"\n{what}: {len(times):,} calls, median {median(times):.1f} ms, p99 {ordered[int(len(times) * 0.99)]:.1f} ms"
    )


def check_calls(server: Server, folder: Path, count: int) -> None:
    sessions = all_calls(server, folder, count)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(Calls.run, sessions))
    assert all(one.refused and one.allowed for one in sessions)
    report("with a server", [one for calls in sessions for one in calls.took])
    for calls in sessions:
        calls.took.clear()
    server.kill()
    for calls in sessions:
        for payload in (*CHANGES, *OTHER_PAYLOADS):
            assert calls.call("before-tool", payload) == {}
        for event in ("start", "prompt", "after-tool", "stop", "end"):
            assert calls.call(event, event) == {}
    report("after the server was killed", [one for calls in sessions for one in calls.took])


def test_no_change_without_a_claim_and_none_refused_without_a_server(own_sqlite: Server, tmp_path: Path) -> None:
    check_calls(own_sqlite, tmp_path, 60)


@pytest.mark.slow
def test_ten_thousand_tool_calls(own_sqlite: Server, tmp_path: Path) -> None:
    check_calls(own_sqlite, tmp_path, 10_000)
