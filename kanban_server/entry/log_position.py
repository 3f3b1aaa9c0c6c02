"""Where a request begins to read a board's event log."""

from __future__ import annotations

from starlette.requests import Request

from kanban_server.actions import queries
from kanban_server.actions.queries import LogBounds
from kanban_server.entry.execute import query
from kanban_server.entry.state import state_of
from kanban_server.rules import cursors
from kanban_server.rules.cursors import Cursor


async def read_log_position(request: Request, board_id: int, after: str | None) -> tuple[LogBounds, Cursor | None]:
    """The bounds of the log, and the cursor to read from, if the request names one.

    Refused: `not-found`, `invalid-cursor`, and `resync`, which is counted, where the cursor can't be served.
    """
    state = state_of(request)
    bounds = await query(request, lambda tx: queries.read_log_bounds(tx, board_id))
    state.hub.note_head(board_id, bounds.seq)
    cursor = None if after is None else cursors.parse_cursor(after)
    if cursor is not None:
        if reason := bounds.unservable_reason(cursor):
            state.hub.counts.count_resync(reason)
        queries.check_cursor(bounds, cursor)
    return bounds, cursor
