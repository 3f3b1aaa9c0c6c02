"""An agent of the demo: claims tickets of a board and finishes them, until it has done its share.

    python scripts/agent.py NAME TICKETS

KANBAN_URL and KANBAN_BOARD select the board. It skips tickets that others hold.
"""

from __future__ import annotations

import os
import random
import sys
import time

from kanban_sdk import AlreadyClaimed, Kanban, Ticket


def work(kanban: Kanban, board: int, ticket: Ticket) -> None:
    """Move a ticket to Done, with a comment."""
    kanban.tickets.move(ticket.id, "In Progress")
    time.sleep(random.uniform(0.1, 0.4))  # simulates the work
    kanban.comments.add(ticket.id, f"{kanban.user}: done, and checked.")
    if random.random() < 0.3:
        kanban.tickets.create(f"Follow up on {ticket.id}", board=board, priority="low", labels=["follow-up"])
    kanban.tickets.move(ticket.id, "Done")


def main(name: str, share: int) -> None:
    """Work on `share` tickets of the board's first column, or fewer if none is left."""
    board = int(os.environ["KANBAN_BOARD"])
    with Kanban.from_env(user=name) as kanban:
        column = kanban.boards.columns(board)[0]
        while share:
            waiting = [ticket for ticket in kanban.tickets.page(board, column=column).items if ticket.claim is None]
            if not waiting:
                return
            ticket = random.choice(waiting)
            try:
                kanban.tickets.claim(ticket.id)
            except AlreadyClaimed:
                continue
            work(kanban, board, ticket)
            share -= 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
