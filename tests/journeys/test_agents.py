"""Agents that know only the output of `kanban prime` finish a board together, each ticket once."""

from __future__ import annotations

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


@contextmanager
def agent(server: Server, board: int, name: str, *extra: str) -> Iterator[subprocess.Popen[str]]:
    """Run an agent for the duration of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.agent", *extra],
        cwd=ROOT,
        env=clean_environment(KANBAN_URL=server.url, KANBAN_BOARD=str(board), KANBAN_USER=name),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
            assert process.poll() in {None, -signal.SIGKILL}, process.communicate()
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


def all_done(kanban: Kanban, board: int) -> bool:
    return kanban.tickets.page(board, column="Done").total == kanban.boards.get(board).ticket_count


def test_two_agents_finish_a_small_board(databases: Databases, pytestconfig: pytest.Config) -> None:
    server = databases.server("sqlite", pytestconfig)
    with server.kanban("ada") as kanban:
        board = kanban.boards.create("Small").id
        tickets = fill(kanban, board, 4)
        with agent(server, board, "bob"), agent(server, board, "eve"):
            until(lambda: all_done(kanban, board), within=60, what="all tickets to be done")
        check_all_done(kanban, board, tickets)


@pytest.mark.slow
def test_five_agents_finish_a_board_of_sixty_although_one_is_killed(
    server: Server, kanban: Kanban, board: Board
) -> None:
    tickets = fill(kanban, board.id, 60)
    short = ("--lease-seconds", "10")
    with (
        agent(server, board.id, "one", *short),
        agent(server, board.id, "two", *short),
        agent(server, board.id, "three", *short),
        agent(server, board.id, "four", *short),
        agent(server, board.id, "five", *short) as five,
    ):
        assert five.stdout is not None
        held = [int(five.stdout.readline()) for _ in range(2)][-1]
        five.kill()
        until(lambda: all_done(kanban, board.id), within=240, what="all tickets to be done")
    check_all_done(kanban, board.id, tickets)
    attempts = kanban.tickets.get(held).attempts or []
    assert [attempt.reason for attempt in attempts if attempt.holder == "five"][-1] == "lease_expired"
