"""Refusals become problem responses (RFC 9457); no request, however malformed, gets a 500."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route

from kanban_sdk.wire.problems import MEDIA_TYPE
from kanban_server.entry.logging import REQUEST_ID
from kanban_server.entry.unknown_fields import ignored_header
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger("kanban.api")


def problem_response(refusal: Refusal) -> Response:
    """The refusal as a response."""
    headers = {}
    if "retry_after" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["retry_after"])
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "allow" in refusal.facts:
        headers["Allow"] = refusal.facts["allow"]
    if refusal.type == "too-many-connections":
        headers["Connection"] = "close"
    body = refusal.body()
    if refusal.status >= 500 and (request_id := REQUEST_ID.get()):
        body["request_id"] = request_id
    return Response(orjson.dumps(body), refusal.status, headers, MEDIA_TYPE)


class ProblemMiddleware:
    """Turns what routes raise into problem responses. Unexpected errors are left to `AccessLog`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except Refusal as error:
            refusal = error
        except HTTPException as error:
            refusal = _http_refusal(scope, error)
        else:
            return
        response = problem_response(refusal)
        if "kanban.ignored" in scope:
            response.headers["Kanban-Ignored"] = ignored_header(scope["kanban.ignored"]).decode()
        await response(scope, receive, send)


def internal_error_response(scope: Scope, error: Exception) -> Response:
    """Log an unexpected error and return the problem response."""
    log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
    return problem_response(Refusal("internal", "The server failed; it has written down why.", fix="Try again."))


def _http_refusal(scope: Scope, error: HTTPException) -> Refusal:
    path = scope["path"][:200]
    if error.status_code == 405:
        allow = ", ".join(sorted(_allowed_methods(scope)))
        return Refusal("method-not-allowed", f"{path} does not take {scope['method']}.", allow=allow)
    if error.status_code == 404:
        return Refusal("not-found", f"There is no {path}.", fix="/docs lists the paths.")
    return Refusal("invalid-request", str(error.detail)[:200], fix="/docs shows the form.")


def _allowed_methods(scope: Scope) -> set[str]:
    """The methods of the path over all its routes: Starlette reports those of the first one only."""
    routes = [route for route in scope["app"].routes if isinstance(route, Route)]
    return {method for route in routes if route.matches(scope)[0] is not Match.NONE for method in route.methods or ()}
