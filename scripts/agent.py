"""An agent of the demo: claims tickets of a board and finishes them, until it has done its share.

    python scripts/agent.py NAME TICKETS [START]

KANBAN_URL and KANBAN_BOARD select the board. With START, a file, the agent chooses its first ticket, creates the file
START.NAME, and claims the ticket once START exists: agents that start together claim the same ticket, and one of them
gets it. A ticket that another agent holds is left to it.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from kanban_sdk import AlreadyClaimed, Kanban, Ticket


def claim_next(kanban: Kanban, board: int, start: Path | None = None) -> Ticket | None:
    """Choose the best ready ticket, wait for the start, and claim it, or the next one; None if nothing is ready."""
    while (chosen := kanban.boards.next_ticket(board).ticket) is not None:
        if start is not None:
            start.with_name(f"{start.name}.{kanban.user}").touch()
            while not start.exists():
                time.sleep(0.005)
        try:
            return kanban.tickets.claim(chosen.id)
        except AlreadyClaimed as error:
            print(f"-- {kanban.user} wanted {chosen.id}, but {error.held_by} was first; looks further", flush=True)
    return None


def work(kanban: Kanban, board: int, ticket: Ticket) -> None:
    """Comment on a ticket and move it to Done."""
    time.sleep(random.uniform(0.05, 0.2))  # simulates the work
    kanban.comments.add(ticket.id, f"{kanban.user}: done, and checked.")
    if random.random() < 0.3:
        kanban.tickets.create(f"Follow up on {ticket.id}", board=board, priority="low", labels=["follow-up"])
    kanban.tickets.move(ticket.id, "Done")


def main(name: str, share: int, start: Path | None) -> None:
    """Work on `share` tickets of the board, or fewer if none is left."""
    board = int(os.environ["KANBAN_BOARD"])
    with Kanban.from_env(user=name) as kanban:
        for _ in range(share):
            ticket = claim_next(kanban, board, start)
            if ticket is None:
                return
            work(kanban, board, ticket)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
