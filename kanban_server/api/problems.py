"""Every refusal leaves as a problem (RFC 9457), and no request, however malformed, gets a 500."""

from __future__ import annotations

import logging

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from kanban_sdk.wire import limits
from kanban_sdk.wire.problems import MEDIA_TYPE
from kanban_server.api.logs import REQUEST
from kanban_server.rules.refusals import Refusal

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
    body = refusal.body()
    if refusal.status >= 500 and (request := REQUEST.get()):
        body["request_id"] = request
    return Response(orjson.dumps(body), refusal.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception with a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(error)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(refusal_of(error, request.headers.get("content-type", "")))


def refusal_of(error: RequestValidationError, content_type: str) -> Refusal:
    """What FastAPI found wrong with a request. Nothing of the input is repeated: it may be what can't be encoded."""
    wrong = [
        {"field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]), "message": found["msg"]}
        for found in error.errors()
    ]
    first = error.errors()[0]
    in_body = first["loc"][0] == "body"
    if in_body and "json" not in content_type.lower():
        return Refusal(
            "unsupported-media-type", "The body must be JSON.", fix="Send JSON with Content-Type: application/json."
        )
    if first["loc"][-1] == "page_size" and first["type"] == "less_than_equal":
        return Refusal(
            "page-too-large",
            f"A page holds at most {limits.PAGE_MOST} tickets.",
            fix=f"Ask for {limits.PAGE_MOST} or fewer, and for more pages.",
            limit=limits.PAGE_MOST,
        )
    if first["type"] == "json_invalid":
        detail = f"The body is not JSON: it can't be read from character {first['loc'][-1]} on."
        return Refusal("invalid-request", detail, fix="Send JSON in UTF-8: no NaN, and no number beyond a double.")
    said = "; ".join(f"{item['field']}: {item['message']}" for item in wrong[:3])
    return Refusal("invalid-request", said[:500], fix="Correct these fields; /docs shows the form.", errors=wrong[:20])


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    if error.status_code == 405:
        allow = ", ".join(sorted(_methods_of(request)))
        refusal = Refusal("method-not-allowed", f"{path} does not take {request.method}.", allow=allow)
    elif error.status_code == 404:
        refusal = Refusal("not-found", f"There is no {path}.", fix="/docs lists the paths.")
    else:
        refusal = Refusal("invalid-request", str(error.detail)[:200], fix="/docs shows the form.")
    return problem_response(refusal)


def _methods_of(request: Request) -> set[str]:
    """The methods that the path takes, over all its routes: Starlette tells those of the first alone."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    return {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def _failed(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    response = problem_response(Refusal("internal", "The server failed; it has written down why.", fix="Try again."))
    response.headers["X-Request-Id"] = REQUEST.get() or ""  # this answer does not pass what else adds it
    return response
