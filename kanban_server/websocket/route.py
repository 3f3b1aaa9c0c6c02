"""The route of the WebSocket endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, WebSocketRoute

if TYPE_CHECKING:
    from starlette.types import Scope


class BareWebSocketRoute(WebSocketRoute):
    """A route for a WebSocket whose handler is given nothing but the socket, so that an open one holds little."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is this route's."""
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self} if match is Match.FULL else child_scope
