"""`kanban board show --live`: a board on a terminal, redrawn at every change."""

import time
from collections import deque
from contextlib import suppress

from rich.live import Live

from kanban_cli.invocation import Invocation
from kanban_cli.render import tables
from kanban_cli.render.board import BoardDrawing
from kanban_cli.render.sentences import describe_event
from kanban_cli.render.times import format_local_time
from kanban_sdk.errors import TimedOut
from kanban_sdk.outage import RECONNECTED
from kanban_sdk.stream.mirror import Mirror
from kanban_sdk.wire.events import Event

HIGHLIGHT_SECONDS = 10.0
"""How long a changed ticket is highlighted."""
REDRAW_SECONDS = 0.1
"""Events of this time are drawn together."""
EVENT_LINES = 3


class LiveBoard:
    """What is drawn: the board, its changed tickets and its newest events."""

    def __init__(self, mirror: Mirror, max_tickets: int | None) -> None:
        self._mirror = mirror
        self._max_tickets = max_tickets
        self._changed_at: dict[int, float] = {}
        self._news: deque[str] = deque(maxlen=EVENT_LINES)
        self.outage = ""

    def add(self, event: Event) -> None:
        """Note an event, and highlight its ticket."""
        self._news.append(f"{format_local_time(event.timestamp)}  {event.actor}  {describe_event(event)}")
        if event.ticket_id is not None:
            self._changed_at[event.ticket_id] = time.monotonic()

    def drawing(self) -> BoardDrawing:
        """Return the board as it is now."""
        since = time.monotonic() - HIGHLIGHT_SECONDS
        self._changed_at = {id: at for id, at in self._changed_at.items() if at > since}
        news = [self.outage] if self.outage else list(self._news)
        return BoardDrawing(
            self._mirror.board, self._mirror.tickets, self._max_tickets, changed=self._changed_at.keys(), news=news
        )


def draw_live(invocation: Invocation, board_id: int, max_tickets: int | None) -> None:
    """Redraw the board on every change, until it is deleted or Ctrl-C is pressed.

    A terminal that can't move its cursor (TERM=dumb) gets the whole board again.
    """

    def show_outage(text: str) -> None:
        live.outage = "" if text == RECONNECTED else text
        draw()

    def draw() -> None:
        if console.is_dumb_terminal:
            console.print(live.drawing())
        else:
            screen.update(live.drawing(), refresh=True)

    console = tables.create_console()
    mirror = invocation.client.mirror(board_id, notice=show_outage)
    live = LiveBoard(mirror, max_tickets)
    with mirror, Live(console=console, auto_refresh=False, screen=not console.is_dumb_terminal) as screen:
        draw()
        with suppress(StopIteration):
            while True:
                with suppress(TimedOut):  # without an event, the highlight of older ones ends
                    live.add(mirror.next(None if console.is_dumb_terminal else HIGHLIGHT_SECONDS))
                    redraw_at = time.monotonic() + REDRAW_SECONDS
                    while True:
                        live.add(mirror.next(max(0.0, redraw_at - time.monotonic())))
                draw()
