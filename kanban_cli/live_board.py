"""`kanban board show --live`: a board on a terminal, redrawn at every change."""

import time
from contextlib import suppress

from rich.live import Live

from kanban_cli.invocation import Invocation
from kanban_cli.render import tables
from kanban_sdk.errors import TimedOut
from kanban_sdk.outage import RECONNECTED


def draw_live(invocation: Invocation, board_id: int, max_tickets: int | None) -> None:
    """Redraw the board on every change, until it is deleted or Ctrl-C is pressed."""
    notes = [""]

    def notice(text: str) -> None:
        notes[0] = "" if text == RECONNECTED else text
        screen.update(tables.render_board(mirror.board, mirror.tickets, max_tickets, notes[0]), refresh=True)

    mirror = invocation.client.mirror(board_id, notice=notice)
    with mirror, Live(console=tables.create_console(), auto_refresh=False, screen=True) as screen:
        screen.update(tables.render_board(mirror.board, mirror.tickets, max_tickets), refresh=True)
        for _ in mirror:
            redraw_at = time.monotonic() + 0.1
            with suppress(TimedOut, StopIteration):
                while True:
                    mirror.next(max(0.0, redraw_at - time.monotonic()))
            screen.update(tables.render_board(mirror.board, mirror.tickets, max_tickets, notes[0]), refresh=True)
