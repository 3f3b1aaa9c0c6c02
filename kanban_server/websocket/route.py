"""The route of the WebSocket endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, WebSocketRoute

if TYPE_CHECKING:
    from starlette.types import Scope


class BareWebSocketRoute(WebSocketRoute):
    """A WebSocket route that passes only the socket to its handler, so that open sockets use little memory."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path; adds only the route to the scope."""
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self} if match is Match.FULL else child_scope
