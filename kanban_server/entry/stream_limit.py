"""Limits on concurrent streams: in total and per token, including the token's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from kanban_server.entry.authentication import viewer_of
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from kanban_server.entry.state import State

TOKEN_SHARE = 4
"""One token may have 1/TOKEN_SHARE of all streams, unless the settings say otherwise."""
RESERVED_SHARE = 10
"""At most 1/RESERVED_SHARE of all streams are reserved for administrators."""


def check_stream_limit(request: HTTPConnection) -> int | None:
    """Check that one more stream may open; returns its token, or None on a server without users.

    The caller opens the stream at once. Administrators have a reserve; a server without users has neither a reserve
    nor a share. Refused: `too-many-connections`.
    """
    state: State = request.app.state.server
    viewer, settings = viewer_of(request), state.settings
    max_streams = settings.connections
    if not viewer.is_admin:
        max_streams -= min(settings.reserved_connections, max_streams // RESERVED_SHARE)
    if state.hub.count() >= max_streams:
        raise _refusal(f"The server has its {max_streams} connections.", max_streams)
    share = settings.token_connections or max(1, settings.connections // TOKEN_SHARE)
    if viewer.token_id is not None and state.hub.count_of(viewer.token_id) >= share:
        raise _refusal(f"Your token, with its sessions, has its {share} connections.", share)
    return viewer.token_id


def _refusal(detail: str, limit: int) -> Refusal:
    return Refusal("too-many-connections", detail, fix="Wait a little.", limit=limit, retry_after=1)
