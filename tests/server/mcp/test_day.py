"""An agent finishes a ticket with one call, and waits for the next one or for a reply."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kanban_sdk import Board, Kanban
from tests.support.mcp import Agent, address, agent
from tests.support.servers import Server


@pytest.fixture
def bob(server: Server, board: Board) -> Iterator[Agent]:
    """Bob's agent, at the board of the test."""
    with agent(address(server, board), "bob") as client:
        yield client


def test_a_ticket_is_finished_and_the_next_one_claimed_in_one_call(bob: Agent) -> None:
    first = bob("ticket_create", title="First", acceptance_criteria="It is told")["id"]
    second = bob("ticket_create", title="Second")["id"]
    wrong = bob.refused("invalid-request", "ticket_update", ticket=first, note="told")
    assert (wrong["field"], wrong["fix"]) == ("done", "Send done too.")
    finished = bob("ticket_update", ticket=first, done=True, note="told", check_all=True, next=True)
    assert (finished["column"], finished["next"]["ticket"]["lease"]) == ("Done", f"{second}.1")
    details = bob("ticket_get", ticket=first)
    assert ([comment["text"] for comment in details["comments"]], details["criteria"]) == (["told"], "1 of 1 done")
    last = bob("ticket_update", ticket=second, done=True, next=True)
    assert (last["next"]["stop"], last["next"]["why"]) == (True, "all 2 tickets are done")


def test_a_wait_ends_with_a_reply_and_says_what_is_left_where_nothing_comes(
    bob: Agent, kanban: Kanban, board: Board
) -> None:
    ticket = bob("ticket_create", title="One")["id"]
    bob("ticket_next")
    early = bob("ticket_next", wait=0.01)
    assert (early["why"], early["holds"], bool(early["place"])) == (f"you hold {ticket}", [ticket], True)
    bob("ticket_ask", ticket=ticket, text="@ada now?")
    stopped = bob("ticket_next", wait=20)
    assert (stopped["stop"], stopped["questions"]) == (True, [ticket])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: bob("ticket_next", wait=20, place=early["place"], or_reply=True))
        kanban.comments.add(ticket, "now")
        reply = waiting.result(30)["reply"]
    assert reply == {"ticket": ticket, "by": "ada", "text": "now"}
