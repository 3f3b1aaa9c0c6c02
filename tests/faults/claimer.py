"""An agent that claims tickets until none is left: `python -m tests.faults.claimer URL BOARD NAME`.

Prints the id of each claimed ticket. With `hold` after the name it claims one ticket for ten seconds, prints its id,
and writes to it for each line on stdin.
"""

from __future__ import annotations

import sys

from kanban_sdk.calls import boards, tickets
from kanban_sdk.errors import LeaseLost
from kanban_sdk.transport.blocking import BlockingTransport


def claim_all(url: str, board: int, name: str) -> None:
    agent = BlockingTransport(url, {"X-Kanban-User": name})
    while (ticket := agent.send(boards.next_ticket(board, claim=True)).ticket) is not None:
        print(ticket.id, flush=True)


def hold(url: str, board: int, name: str) -> None:
    agent = BlockingTransport(url, {"X-Kanban-User": name})
    ticket = agent.send(boards.next_ticket(board, claim=True, lease_seconds=10)).ticket
    assert ticket is not None
    assert ticket.lease is not None
    print(ticket.id, flush=True)
    holder = BlockingTransport(url, {"X-Kanban-User": name, "Kanban-Lease": ticket.lease.token})
    for _ in sys.stdin:
        try:
            holder.send(tickets.edit(ticket.id, description="written late"))
            print("written", flush=True)
        except LeaseLost as lost:
            print(f"lost to {lost.held_by}", flush=True)


if __name__ == "__main__":
    act = hold if sys.argv[4:] == ["hold"] else claim_all
    act(sys.argv[1], int(sys.argv[2]), sys.argv[3])
