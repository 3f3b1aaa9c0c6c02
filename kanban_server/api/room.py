"""Is there room for one more stream: of all, and of the token or session that asks?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from kanban_server.api.roster import Shown, shown_of, viewer_of
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from kanban_server.api.parts import Parts

SHARE = 4
"""One token has one part in so many of all streams, unless the settings say otherwise."""
RESERVED_SHARE = 10
"""The reserve for administrators is one part in so many of all streams, at most."""


def check_room(request: HTTPConnection) -> Shown | None:
    """Whose stream it will be; None on a server without users. Refused: `too-many-connections`.

    Administrators have a reserve; on a server without users there is neither a reserve nor a share.
    """
    parts: Parts = request.app.state.parts
    viewer, shown, settings = viewer_of(request), shown_of(request), parts.settings
    most = settings.connections
    if not viewer.everywhere:
        most -= min(settings.reserved_connections, most // RESERVED_SHARE)
    if parts.hub.count() >= most:
        raise _refusal(f"The server has its {most} connections.", most)
    share = settings.token_connections or max(1, settings.connections // SHARE)
    if shown is not None and parts.hub.count_of(shown) >= share:
        raise _refusal(f"Your token, or session, has its {share} connections.", share)
    return shown


def _refusal(detail: str, limit: int) -> Refusal:
    return Refusal("too-many-connections", detail, fix="Wait a little.", limit=limit, retry_after=1)
