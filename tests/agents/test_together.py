"""The worker of the SDK's guide empties a board beside `kanban work` and an MCP client."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Kanban
from kanban_sdk.testing import KanbanServer
from tests.agents.conftest import Require
from tests.docs.blocks import blocks
from tests.support.cli import COMMAND, ROOT, Shell
from tests.support.mcp import Agent, bridged
from tests.support.servers import clean_environment
from tests.support.waiting import until

PLAIN = 12
LINES = 60
"""Lines that the worker may have, at most."""


@contextmanager
def process(command: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program until the end of the block."""
    environment = clean_environment(PYTHONPATH=str(ROOT), **environment)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def work_over_mcp(agent: Agent, done: list[int], stop: threading.Event) -> None:
    """Take tickets and finish them, with a key for each call: it is sent again until it has an answer."""

    def call(tool: str, **arguments: Any) -> dict[str, Any]:
        key = uuid.uuid4().hex
        while True:
            try:
                return agent(tool, key=key, **arguments)
            except Exception:
                if stop.is_set():
                    raise

    while not stop.is_set():
        claimed = call("ticket_next", labels=["plain"], wait=1).get("ticket")
        if claimed is not None:
            call("ticket_update", ticket=claimed["id"], done=True, note="by an MCP client")
            done.append(claimed["id"])


@pytest.mark.slow
def test_three_kinds_of_workers_empty_a_board_and_do_nothing_twice(
    require: Require, own_kanban_server: KanbanServer, tmp_path: Path
) -> None:
    require("pydantic_ai")
    (program,) = blocks("docs/sdk.md", "python worker.py")
    assert program.count("\n") <= LINES
    (tmp_path / "worker.py").write_text(program)
    with own_kanban_server.client("ada") as ada, own_kanban_server.client("eve") as eve:
        board = ada.boards.create("Together").id
        unclear = [ada.tickets.create(title, board=board, labels=["unclear"]).id for title in ("Answered", "Taken")]
        answered, claimed = unclear
        settings = {"KANBAN_URL": own_kanban_server.url, "KANBAN_BOARD": str(board)}
        shell = Shell(tmp_path, {**settings, "KANBAN_USER": "bridge"})
        stop, over_mcp = threading.Event(), list[int]()
        with (
            process([sys.executable, str(tmp_path / "worker.py")], KANBAN_USER="robot", **settings) as robot,
            process([*COMMAND, "work", "--loop", "-l", "plain", "--", "true"], KANBAN_USER="loop", **settings) as loop,
            bridged(shell) as agent,
        ):
            for ticket in unclear:
                until(lambda ticket=ticket: ada.tickets.get(ticket).open_question, within=60, what="a question")  # type: ignore[misc]
            eve.tickets.claim(claimed, force=True)
            client = threading.Thread(target=work_over_mcp, args=[agent, over_mcp, stop])
            client.start()
            plain = [ada.tickets.create(f"Plain {n}", board=board, labels=["plain"]).id for n in range(PLAIN // 2)]
            until(lambda: count_done(ada, board) >= 2, within=60, what="the first done tickets")
            own_kanban_server.restart()
            plain += [ada.tickets.create(f"Plain {n}", board=board, labels=["plain"]).id for n in range(PLAIN // 2)]
            ada.comments.add(answered, "In Portuguese")
            eve.tickets.done(claimed, note="by eve")
            until(lambda: count_done(ada, board) == PLAIN + 2, within=120, what="an empty board")
            last = ada.tickets.create("For the worker of the guide alone", board=board).id
            until(lambda: count_done(ada, board) == PLAIN + 3, within=60, what="the last ticket")
            stop.set()
            client.join(60)
            for running, code in ((robot, 0), (loop, 130)):
                running.send_signal(signal.SIGTERM)
                assert running.wait(60) == code, running.stderr and running.stderr.read()
        check(ada, board, [*unclear, *plain, last])
        assert [attempt.holder for attempt in ada.tickets.get(claimed).attempts or []] == ["robot", "eve"]
        assert [comment.text for comment in ada.comments.all(answered)][:2] == [
            "What exactly is wanted?",
            "In Portuguese",
        ]
        assert len(ada.comments.all(answered)) == 3
        workers = Counter(attempt.holder for ticket in plain for attempt in ada.tickets.get(ticket).attempts or [])
        assert workers["bridge"] == len(over_mcp)
        assert workers["bridge"] + workers["loop"] + workers["robot"] == PLAIN


def count_done(kanban: Kanban, board: int) -> int:
    return kanban.tickets.page(board, column="Done").total


def check(kanban: Kanban, board: int, tickets: list[int]) -> None:
    """Check that each ticket was finished once, by its only holder at that time, with one comment that says so."""
    events = kanban.boards.events(board, after=0, limit=500).events
    finished = Counter(
        event.data["id"] for event in events if event.event == "ticket_moved" and event.data["to_column"] == "Done"
    )
    assert finished == dict.fromkeys(tickets, 1)
    for ticket in tickets:
        reasons = [attempt.reason for attempt in kanban.tickets.get(ticket).attempts or []]
        assert reasons.count("done") == 1
        assert set(reasons) <= {"done", "forced"}
