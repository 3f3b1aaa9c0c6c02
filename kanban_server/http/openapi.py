"""The OpenAPI description: FastAPI's, with problem responses added to all routes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.utils import create_model_field
from starlette.routing import BaseRoute, Route

from kanban_sdk.wire.problems import MEDIA_TYPE, PROBLEMS
from kanban_server.http.responses import EncodedJSONResponse
from kanban_server.http.routing import LeanRoute
from kanban_server.store.idempotency import EncodedResponse

HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Why a request is refused (RFC 9457). Decide by `type`; the other fields are its facts.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": sorted(PROBLEMS)},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "fix": {"type": "string", "description": "What to do next, where a next step exists."},
    },
}
PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "Refused.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def install_openapi(app: FastAPI) -> None:
    """Add the refusals to the application's description, which is built at the first request for it."""

    def openapi_schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            _describe_responses(app)
            app.openapi_schema = _add_problems(
                get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi_schema  # type: ignore[method-assign]
    app.router.routes[:] = [_encoded_once(route) if _is_description(route) else route for route in app.router.routes]


def _is_description(route: BaseRoute) -> bool:
    return isinstance(route, Route) and route.path == "/openapi.json"


def _encoded_once(route: BaseRoute) -> Route:
    """Serve the description encoded once: it is long, and the same for all."""
    assert isinstance(route, Route)
    describe_again, path, bodies = route.endpoint, route.path, list[bytes]()

    async def openapi(request: Request) -> Response:
        if not bodies:
            bodies.append((await describe_again(request)).body)
        return EncodedJSONResponse(EncodedResponse(200, bodies[0]))

    return Route(path, openapi, include_in_schema=False)


def _describe_responses(app: FastAPI) -> None:
    """Set the described response types: routes encode their own responses, so only the description needs them."""
    for route in app.routes:
        if isinstance(route, LeanRoute) and route.described_model is not None:
            name = f"Response_{route.unique_id}"
            route.response_field = create_model_field(name, route.described_model, mode="serialization")


def _add_problems(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {"Refused": PROBLEM_RESPONSE}
    for path in schema["paths"].values():
        for method in HTTP_METHODS & path.keys():
            responses = path[method]["responses"]
            responses.pop("422", None)
            responses |= {status: {"$ref": "#/components/responses/Refused"} for status in ("4XX", "5XX")}
    return schema
