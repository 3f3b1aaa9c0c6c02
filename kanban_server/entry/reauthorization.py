"""Re-authorize a long-lived reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from kanban_server.actions import queries
from kanban_server.entry.authentication import credential_of
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from kanban_server.entry.state import State


async def may_still_read(request: HTTPConnection, board_id: int) -> bool:
    """Whether the request's credential may still read the board; both are looked up again."""
    state: State = request.app.state.server
    viewer = await state.authenticator.viewer(credential_of(request))
    if viewer is None or not viewer.is_limited:
        return viewer is not None
    try:
        await state.database.read(viewer, queries.read_log_bounds, board_id)
    except Refusal as refusal:
        return refusal.type != "not-found"
    return True
