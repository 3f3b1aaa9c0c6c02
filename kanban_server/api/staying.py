"""May one who has been reading for a while go on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from kanban_server.actions import reading as readings
from kanban_server.api.roster import shown_of
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from kanban_server.api.parts import Parts


async def stays(request: HTTPConnection, board_id: int) -> bool:
    """Whether a board is still there for the one who made a request; what the request showed is looked at anew."""
    parts: Parts = request.app.state.parts
    viewer = await parts.roster.viewer(shown_of(request))
    if viewer is None or not viewer.limited:
        return viewer is not None
    try:
        await parts.database.read(viewer, readings.standing, board_id)
    except Refusal as refusal:
        return refusal.type != "not-found"
    return True
