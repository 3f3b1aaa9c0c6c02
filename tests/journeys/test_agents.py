"""Agents that know only the output of `kanban prime` finish a board together, each ticket once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from tests.faults.validators import check_log
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
COMMANDS_A_TICKET, BYTES_A_TICKET = 6, 2500
"""What agents may need for a ticket: commands, and the bytes that these print on both streams."""


@contextmanager
def agent(server: Server, board: int, name: str, folder: Path, *extra: str) -> Iterator[subprocess.Popen[str]]:
    """Run an agent for the duration of the block; it keeps its claims in the folder."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.agent", *extra],
        cwd=ROOT,
        env=clean_environment(
            KANBAN_URL=server.url,
            KANBAN_BOARD=str(board),
            KANBAN_USER=name,
            KANBAN_SESSION=f"session of {name}",
            XDG_STATE_HOME=str(folder),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
            assert process.poll() in {None, 0, -signal.SIGKILL}, process.communicate()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and the command that it waits for


def fill(kanban: Kanban, board: int, count: int) -> list[int]:
    """Create tickets; each waits for two earlier ones, except the first five."""
    created: list[int] = []
    for number in range(count):
        waits_for = [created[number - back] for back in (3, 5) if number >= 5]
        created.append(kanban.tickets.create(f"ticket {number}", board=board, blocked_by=waits_for).id)
    return created


def check_all_done(kanban: Kanban, board: int, tickets: list[int]) -> None:
    shown = kanban.boards.tickets(board).tickets
    assert {ticket.id for ticket in shown} >= set(tickets)
    assert {ticket.current_column for ticket in shown} == {"Done"}
    events = check_log(kanban, board)
    finished = Counter(event.ticket_id for event in events if event.data.get("to_column") == "Done")
    assert set(finished.values()) == {1}
    assert finished.keys() == {ticket.id for ticket in shown}
    counts = Counter(event.event for event in events)
    assert counts["comment_added"] >= len(shown)
    assert counts["ticket_unblocked"] > 0
    assert any(event.data.get("note") == "another agent continues" for event in events)


def all_stopped(agents: list[subprocess.Popen[str]], owner: Kanban) -> bool:
    """Answer all questions to the owner; returns whether all agents have stopped."""
    unread = owner.inbox.unread()
    for item in unread.items:
        owner.comments.add(item.ticket_id, "the second one")
    if unread.items:
        owner.inbox.read(unread.cursors)
    return all(process.poll() is not None for process in agents)


def costs(agents: list[subprocess.Popen[str]]) -> tuple[int, int]:
    """The commands that agents ran before they stopped by themselves, and the bytes that these printed."""
    totals = Counter[str]()
    for process in agents:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        totals.update(json.loads(out.splitlines()[-1]))
    return totals["commands"], totals["bytes"]


def test_agents_finish_a_board_at_little_cost_and_stop_by_themselves(
    databases: Databases, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    server = databases.server("sqlite", pytestconfig)
    with server.kanban("ada") as kanban, server.kanban("owner") as owner:
        board = kanban.boards.create("Small").id
        tickets = fill(kanban, board, 12)
        with (
            agent(server, board, "bob", tmp_path) as bob,
            agent(server, board, "eve", tmp_path, "--asks") as eve,
        ):
            until(lambda: all_stopped([bob, eve], owner), within=60, what="the end of both agents")
            commands, size = costs([bob, eve])
        check_all_done(kanban, board, tickets)
        finished = kanban.boards.get(board).ticket_count
        texts = [
            one for one in kanban.boards.tickets(board).tickets if one.updated_by == "eve" and one.comment_count == 3
        ]
        assert texts, "a question, its answer and a note"
    assert commands <= COMMANDS_A_TICKET * finished
    assert size <= BYTES_A_TICKET * finished


@pytest.mark.slow
def test_five_agents_finish_a_board_of_sixty_although_one_is_killed_one_asks_and_one_is_late(
    server: Server, kanban: Kanban, board: Board, tmp_path: Path
) -> None:
    tickets = fill(kanban, board.id, 60)
    with (
        server.kanban("owner") as owner,
        agent(server, board.id, "one", tmp_path) as one,
        agent(server, board.id, "two", tmp_path) as two,
        agent(server, board.id, "asking", tmp_path, "--asks") as asking,
        agent(server, board.id, "killed", tmp_path, "--lease-seconds", "10") as killed,
    ):
        assert killed.stdout is not None
        held = [int(killed.stdout.readline()) for _ in range(2)][-1]
        killed.kill()
        with agent(server, board.id, "late", tmp_path) as late:
            working = [one, two, asking, late]
            until(lambda: all_stopped(working, owner), within=240, what="the end of all agents")
            commands, size = costs(working)
    check_all_done(kanban, board.id, tickets)
    finished = kanban.boards.get(board.id).ticket_count
    assert commands <= COMMANDS_A_TICKET * finished
    assert size <= BYTES_A_TICKET * finished
    attempts = kanban.tickets.get(held).attempts or []
    assert [attempt.reason for attempt in attempts if attempt.holder == "killed"][-1] == "lease_expired"
