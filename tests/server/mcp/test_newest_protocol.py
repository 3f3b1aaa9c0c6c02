"""What the newest protocol adds: progress, subscriptions, and questions to the person at the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell
from tests.support.databases import Databases
from tests.support.mcp import HANDSHAKE, PROBE, Agent, address, agent, bridged
from tests.support.servers import Server, running
from tests.support.waiting import until

Connect = Callable[..., AbstractContextManager[Agent]]
"""Connects bob's agent to the board of the test."""


@pytest.fixture(params=["http", "bridge"])
def connect(request: pytest.FixtureRequest, server: Server, board: Board, tmp_path: Any) -> Connect:
    """Either way to the server: directly, or through `kanban mcp`."""

    @contextmanager
    def connected(**options: Any) -> Iterator[Agent]:
        if request.param == "http":
            with agent(address(server, board), "bob", **options) as client:
                yield client
        else:
            settings = {"KANBAN_URL": server.url, "KANBAN_USER": "bob", "KANBAN_BOARD": str(board.id)}
            with bridged(Shell(tmp_path, settings), **options) as client:
                yield client

    return connected


@pytest.mark.parametrize("mode", [HANDSHAKE, PROBE])
def test_a_wait_reports_its_progress_to_a_client_that_asks_for_it(
    connect: Connect, kanban: Kanban, board: Board, mode: str
) -> None:
    reports: list[tuple[float, float | None, str | None]] = []
    with connect(mode=mode) as bob, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: bob.reported(lambda *report: reports.append(report), "ticket_next", wait=30))
        until(lambda: reports, what="the first report")
        ticket = kanban.tickets.create("One", board=board.id).id
        assert waiting.result(20)["ticket"]["id"] == ticket
        assert reports[0] == (0, 30, "Waiting for a ticket")
        assert bob.reported(lambda *report: reports.append(report), "ticket_get", ticket=ticket)["id"] == ticket
    assert {report[2] for report in reports} == {"Waiting for a ticket"}


def test_a_subscription_notifies_of_changes_of_a_board_and_of_prime(
    connect: Connect, kanban: Kanban, board: Board
) -> None:
    other = kanban.boards.create(f"Of no interest to {board.id}").id
    whole = f"kanban://board/{board.id}"
    with (
        connect() as bob,
        bob.subscribed(whole, "kanban://prime", "kanban://board/999999", "file:///etc/passwd") as events,
    ):
        assert (sorted(events.accepted), events.tools) == ([whole, "kanban://prime"], None)
        kanban.tickets.create("Elsewhere", board=other)
        kanban.tickets.create("One", board=board.id)
        assert {events.next(), events.next()} == {whole, "kanban://prime"}
        assert "One" in bob.read(whole)
        kanban.tickets.create("Two", board=board.id)
        assert events.next() in (whole, "kanban://prime")


@pytest.mark.slow  # a server of its own
def test_a_subscription_ends_with_the_server(databases: Databases, pytestconfig: pytest.Config) -> None:
    with running(databases.make("sqlite", pytestconfig)) as own, own.kanban("ada") as ada:
        uri = f"kanban://board/{ada.boards.create('Ends').id}"
        with agent(f"{own.url}/mcp", "bob") as bob, bob.subscribed(uri) as events:
            assert httpx.get(f"{own.url}/health").json()["connections"] == 1
            assert own.stop() == 0
            assert events.next() is None


def test_a_question_goes_to_the_person_at_the_client_first(connect: Connect, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("One", board=board.id).id
    questions: list[str] = []

    def answer(question: str) -> str | None:
        questions.append(question)
        return "eu-west" if "region" in question else None

    with connect(elicit=answer) as bob:
        bob("ticket_lease", ticket=ticket, action="claim")
        answered = bob("ticket_ask", ticket=ticket, text="Which region?")
        assert (answered["answer"], answered["column"]) == ("eu-west", "In Progress")
        declined = bob("ticket_ask", ticket=ticket, text="And which zone?")
        assert ("answer" in declined, declined["column"]) == (False, "Blocked")
        mentioned = bob("ticket_ask", ticket=ticket, text="@eve which region?")
        assert "answer" not in mentioned
        kanban.tickets.claim(ticket, force=True)
        assert bob.refused("already-claimed", "ticket_ask", ticket=ticket, text="Which region?")
        bob.refused("not-found", "ticket_ask", ticket=2**53 - 1, text="Which region?")
    assert [comment.text for comment in kanban.comments.all(ticket)] == [
        "Which region?\n\nAnswered at the client: eu-west",
        "And which zone?",
        "@eve which region?",
    ]
    assert len(questions) == 2
    assert questions[0].startswith(f"Ticket {ticket}, One:\n\nWhich region?\n\nIf you decline")
    assert [item.text for item in kanban.inbox.unread().items if item.board_id == board.id] == ["And which zone?"]


@pytest.mark.parametrize("mode", [HANDSHAKE, PROBE])
def test_a_client_that_can_not_ask_gets_its_question_on_the_board(
    server: Server, kanban: Kanban, board: Board, mode: str
) -> None:
    ticket = kanban.tickets.create("One", board=board.id).id
    elicit = (lambda question: "never") if mode == HANDSHAKE else None
    with agent(address(server, board), "bob", mode=mode, elicit=elicit) as bob:
        assert bob("ticket_ask", ticket=ticket, text="Which region?")["column"] == "Blocked"
