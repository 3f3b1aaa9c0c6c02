"""The OpenAPI description and its page. FastAPI makes both from the routes; it is loaded at the first request for them.

The page works offline: its scripts are those of `fastapi-offline`, and its inline scripts are allowed by hash.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import re
from collections.abc import Sequence
from functools import cache
from typing import Annotated, TypeVar, get_type_hints

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from kanban_sdk.wire.operations import ACTOR_FIELDS
from kanban_sdk.wire.problems import MEDIA_TYPE, PROBLEMS
from kanban_server import __version__
from kanban_server.entry.authentication import COOKIE
from kanban_server.entry.state import state_of
from kanban_server.http.middleware.request_guard import is_public_path
from kanban_server.http.parameters import BODY, Handler
from kanban_server.http.responses import compressed_response
from kanban_server.http.routing import HandlerRoute, Router
from kanban_server.store.encoded_response import EncodedResponse

T = TypeVar("T")
Schema = dict[str, object]

TITLE, DESCRIPTION = "Agent Kanban", "The board that AI agents and people share."
STATIC_PATH = "/static-offline-docs"
HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
PROBLEM_SCHEMA: Schema = {
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
LICENSE = {"name": "MIT", "identifier": "MIT"}
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token: `kanban token create`."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The session of a browser."},
}
SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}, {}]
"""A server without users needs no credential, which the last of them stands for."""
PROBLEM_RESPONSE: Schema = {
    "description": "Refused.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI uses inline styles; scripts come from this server, or are the page's own, by hash."""
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)

router = Router()


@router.get("/docs", described=False)
async def docs(request: Request) -> Response:
    """The page of the description."""
    from fastapi.openapi.docs import get_swagger_ui_html

    root = request.scope.get("root_path", "")
    return _with_policy(
        get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=f"{TITLE} - Swagger UI",
            oauth2_redirect_url="/docs/oauth2-redirect",
            swagger_js_url=f"{root}{STATIC_PATH}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{STATIC_PATH}/swagger-ui.css",
            swagger_favicon_url=f"{root}{STATIC_PATH}/favicon.png",
        )
    )


@router.get("/docs/oauth2-redirect", described=False)
async def oauth2_redirect() -> Response:
    """The page to which a login of Swagger UI returns."""
    from fastapi.openapi.docs import get_swagger_ui_oauth2_redirect_html

    return _with_policy(get_swagger_ui_oauth2_redirect_html())


def description_routes(routes: Sequence[HandlerRoute]) -> list[BaseRoute]:
    """The routes of the description of `routes`, and of its page."""
    encoded: list[bytes] = []

    async def openapi(request: Request) -> Response:
        if not encoded:  # it is long, and the same for all
            prefix = state_of(request).settings.prefix.rstrip("/")
            encoded.append(orjson.dumps(await asyncio.to_thread(describe, routes, prefix)))
        return await compressed_response(request, EncodedResponse(200, encoded[0]))

    async def static_file(scope: Scope, receive: Receive, send: Send) -> None:
        await _static_files()(scope, receive, send)

    return [
        Route("/openapi.json", openapi, include_in_schema=False),
        Mount(STATIC_PATH, static_file),
        *router.routes,
    ]


def describe(routes: Sequence[HandlerRoute], prefix: str = "") -> Schema:
    """The OpenAPI description of the routes, with the credentials and the problem responses of all."""
    from fastapi.openapi.utils import get_openapi

    described = [_described(route) for route in routes if route.include_in_schema]
    schema: Schema = get_openapi(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION,
        routes=described,
        servers=[{"url": prefix or "/"}],
        license_info=LICENSE,
    )
    _describe_operations(_object(_object(schema["components"])["schemas"]))
    return _add_security(_add_problems(schema))


def _described(route: HandlerRoute) -> BaseRoute:
    """The route as FastAPI knows it."""
    from fastapi.routing import APIRoute

    options = route.description
    return APIRoute(
        route.path,
        _described_handler(route.endpoint),
        methods=[route.method],
        tags=[*route.tags],
        response_model=options.get("response_model"),
        status_code=options.get("status_code"),
        responses={status: dict(response) for status, response in options.get("responses", {}).items()},
        openapi_extra=dict(options.get("openapi_extra", {})),
        response_class=options.get("response_class", JSONResponse),
    )


def _described_handler(handler: Handler) -> Handler:
    """The handler with a marked body, which FastAPI would take for a query parameter where it is a list."""
    from fastapi import Body

    hints = get_type_hints(handler, include_extras=True)
    signature = inspect.signature(handler)
    parameters = [
        parameter.replace(annotation=Annotated[hints[name], Body()] if name == BODY else hints[name])
        for name, parameter in signature.parameters.items()
    ]

    async def described(*arguments: object, **keywords: object) -> Response:
        return await handler(*arguments, **keywords)

    described.__name__, described.__doc__ = handler.__name__, handler.__doc__
    described.__signature__ = signature.replace(parameters=parameters, return_annotation=Response)  # type: ignore[attr-defined]
    return described


@cache
def _static_files() -> ASGIApp:
    """The files of the page, as `fastapi-offline` mounts them."""
    from fastapi_offline import FastAPIOffline

    offline = FastAPIOffline(static_url=STATIC_PATH)
    return next(route.app for route in offline.routes if isinstance(route, Mount))


def _with_policy(page: HTMLResponse) -> HTMLResponse:
    """The page with a content policy; it may not be framed."""
    scripts = " ".join(_script_hash(script) for script in _SCRIPT.findall(bytes(page.body)))
    page.headers["Content-Security-Policy"] = POLICY.format(scripts=scripts)
    page.headers["Referrer-Policy"] = "no-referrer"
    page.headers["Cache-Control"] = "no-cache"
    return page


def _script_hash(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def _add_problems(schema: Schema) -> Schema:
    """The description with the refusals of all operations, in place of FastAPI's validation errors."""
    components = _object(schema.setdefault("components", {}))
    schemas = _object(components.setdefault("schemas", {}))
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["responses"] = {"Refused": PROBLEM_RESPONSE}
    for path in _object(schema["paths"]).values():
        operations = _object(path)
        for method in HTTP_METHODS & operations.keys():
            responses = _object(_object(operations[method])["responses"])
            responses.pop("422", None)
            responses |= {status: {"$ref": "#/components/responses/Refused"} for status in ("4XX", "5XX")}
    return schema


def _add_security(schema: Schema) -> Schema:
    """The description with the credentials, which public paths do not need."""
    _object(schema["components"])["securitySchemes"] = SECURITY_SCHEMES
    schema["security"] = SECURITY
    for path, operations in _object(schema["paths"]).items():
        if is_public_path(path):
            for method in HTTP_METHODS & _object(operations).keys():
                _object(_object(operations)[method])["security"] = []
    return schema


def _describe_operations(schemas: Schema) -> None:
    """Describe the operations of a batch as requests have them: with `op`, without the fields that name the actor."""
    mapping = _object(schemas["Batch"])["properties"]
    items = _object(_object(_object(mapping)["operations"])["items"])
    for reference in _object(_object(items["discriminator"])["mapping"]).values():
        operation = _object(schemas[str(reference).rpartition("/")[2]])
        properties = _object(operation["properties"])
        operation["properties"] = {name: value for name, value in properties.items() if name not in ACTOR_FIELDS}
        required = operation.get("required", [])
        assert isinstance(required, list)
        operation["required"] = sorted({*required, "op"})


def _object(node: object) -> Schema:
    """A node of the description that is a JSON object."""
    assert isinstance(node, dict)
    return node
