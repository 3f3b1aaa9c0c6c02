"""Promise 4: one ticket, one holder, however many processes claim at once; a client that lost the claim can't write."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kanban_sdk import AlreadyClaimed, Kanban
from kanban_sdk.calls import boards, tickets
from kanban_sdk.transport.blocking import BlockingTransport
from tests.faults.validators import check_log
from tests.support.proxy import proxied
from tests.support.servers import Server, clean_environment, on_sqlite_and_slowly_on_both
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
AGENTS = 16
TICKETS = 500


def start(server: Server, board: int, name: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.claimer", server.url, str(board), name, *more]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def fill(kanban: Kanban, count: int) -> int:
    """Create a board with `count` tickets."""
    board = kanban.boards.create(f"{count} tickets").id
    for first in range(0, count, 100):
        tickets = [{"source_id": str(n), "title": f"ticket {n}"} for n in range(first, first + 100)]
        kanban.boards.import_tickets(board, tickets)
    return board


def a_round(server: Server) -> None:
    """All agents claim until nothing is left: each ticket is claimed once, and no agent gets an error."""
    with server.kanban("ada") as kanban:
        board = fill(kanban, TICKETS)
        agents = [start(server, board, f"agent-{n}") for n in range(AGENTS)]
        outputs = [agent.communicate(timeout=120) for agent in agents]
        assert [agent.returncode for agent in agents] == [0] * AGENTS
        assert "".join(errors for _, errors in outputs) == ""
        claimed = Counter(int(line) for output, _ in outputs for line in output.split())
        assert set(claimed.values()) == {1}
        assert len(claimed) == TICKETS
        check_log(kanban, board)
        assert not server.log_text()


def test_sixteen_processes_claim_five_hundred_tickets_each_once(own_server: Server) -> None:
    for _ in range(2):
        a_round(own_server)


@pytest.mark.slow
def test_sixteen_processes_claim_five_hundred_tickets_each_once_in_twenty_rounds(own_server: Server) -> None:
    for _ in range(20):
        a_round(own_server)


@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_lost_responses_leak_no_claim_and_create_no_second_ticket(own_server: Server, count: int) -> None:
    with proxied(own_server.port) as proxy, own_server.kanban("bob") as bob:
        board = bob.boards.create("Dropped").id
        ada = BlockingTransport(proxy.url, {"X-Kanban-User": "ada"}, tries=5)
        for number in range(count):
            proxy.drop_answer()
            created = ada.send(tickets.create(f"t{number}", board=board))
            proxy.drop_answer()
            chosen = ada.send(boards.next_ticket(board, claim=True))
            assert chosen.ticket is not None
            assert chosen.ticket.id == created.id
            assert chosen.ticket.lease is not None
            assert chosen.ticket.lease.token == f"{created.id}.1"
        page = bob.boards.tickets(board)
        assert page.total_tickets == count
        assert {ticket.claim.number for ticket in page.tickets if ticket.claim} == {1}
        names = Counter(event.event for event in check_log(bob, board))
        assert (names["ticket_created"], names["ticket_claimed"]) == (count, count)


@pytest.mark.slow
@on_sqlite_and_slowly_on_both
def test_a_holder_that_slept_past_its_lease_cannot_write_and_the_log_records_it(own_server: Server) -> None:
    with own_server.kanban("bob") as bob:
        board = bob.boards.create("Sleepers").id
        ticket = bob.tickets.create("held", board=board).id
        with start(own_server, board, "ada", "hold") as ada:
            assert ada.stdout is not None
            assert ada.stdin is not None
            assert int(ada.stdout.readline()) == ticket
            ada.send_signal(signal.SIGSTOP)
            with pytest.raises(AlreadyClaimed):
                bob.tickets.claim(ticket)
            until(lambda: bob.tickets.get(ticket).claim is None, within=20, what="the lease's end")
            bob.tickets.claim(ticket)
            ada.send_signal(signal.SIGCONT)
            for _ in range(5):
                ada.stdin.write("write\n")
                ada.stdin.flush()
                assert ada.stdout.readline() == "lost to bob\n"
            ada.stdin.close()
        assert bob.tickets.get(ticket).description is None
        story = [(event.event, event.actor) for event in check_log(bob, board) if event.event != "ticket_moved"]
        assert story[2:] == [("ticket_claimed", "ada"), ("ticket_released", "system"), ("ticket_claimed", "bob")]
