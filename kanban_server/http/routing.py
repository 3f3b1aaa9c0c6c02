"""Routes: Starlette finds them, Pydantic validates their parameters, FastAPI only describes them (`http.openapi`).

docs/decisions/0021-plain-routes.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import TypedDict, TypeVar, Unpack

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from kanban_server.entry import unknown_fields
from kanban_server.entry.headers import header_of
from kanban_server.http.parameters import MISSING, FieldError, Handler, Parameters, invalid_parameters
from kanban_server.rules.problems import Refusal

H = TypeVar("H", bound=Handler)

NOT_JSON = object()
"""The body of a request whose content type is not JSON: no handler accepts it."""


class Description(TypedDict, total=False):
    """What the OpenAPI description says of a route; `status_code` is also that of its response."""

    described: bool
    """Whether the description has the route."""
    response_model: object
    status_code: int
    response_class: type[Response]
    responses: Mapping[int, Mapping[str, object]]
    openapi_extra: Mapping[str, object]


class BufferedRequest(Request):
    """A request that keeps its body after reading it."""

    _buffered_body: bytes | None = None

    async def body(self) -> bytes:
        """The body. Raises Refusal `body-too-large`, and HTTPException where the client disconnected."""
        if self._buffered_body is None:
            chunks = []
            more_body = True
            while more_body:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise HTTPException(400, "The body ended early.")
                chunks.append(message.get("body", b""))
                more_body = message.get("more_body", False)
            self._buffered_body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return self._buffered_body


class HandlerRoute(Route):
    """A route of one method whose handler takes path and query parameters and at most one JSON body.

    The body is parsed strictly: no NaN, no lone surrogates, no invalid UTF-8, no depth beyond 1,024.
    """

    def __init__(self, path: str, handler: Handler, method: str, tags: list[str], description: Description) -> None:
        super().__init__(path, handler, methods=[method], include_in_schema=description.get("described", True))
        self.methods = {method}  # Starlette serves HEAD with GET; no handler does
        self.method = method
        self.tags = tags
        self.description = description
        self.status_code = description.get("status_code", 200)
        self._handler = handler
        self._parameters = Parameters(handler, frozenset(self.param_convertors))
        self._ignores_unknown = (method, path) in unknown_fields.LENIENT_ROUTES
        names = frozenset(item.name for item in self._parameters.query)
        self._query_names = names if method == "GET" else names | {"force"}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path and extract its parameters."""
        if scope["type"] != "http" or (match := self.path_regex.match(path_of(scope))) is None:
            return Match.NONE, {}
        child_scope = {"endpoint": self._handler, "path_params": match.groupdict(), "route": self}
        return (Match.FULL if scope["method"] == self.method else Match.PARTIAL), child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request. Raises HTTPException 405 and Refusal."""
        if scope["method"] != self.method:
            raise HTTPException(405)
        request = BufferedRequest(scope, receive)
        response = await self._handler(**await self._arguments(request))
        if "kanban.ignored" in scope:
            response.raw_headers.append((b"kanban-ignored", unknown_fields.ignored_header(scope["kanban.ignored"])))
        await response(scope, receive, send)

    async def _arguments(self, request: BufferedRequest) -> dict[str, object]:
        """The arguments of the handler. Refused: `invalid-request`, `unknown-field` and others."""
        parameters, errors = self._parameters, list[FieldError]()
        has_query = bool(query_string := request.scope["query_string"])
        if has_query:
            for name in unknown_fields.unknown_parameters(query_string, self._query_names):
                self._ignore_unknown(request, (name,), self._query_names, "query parameter")
        body = MISSING if parameters.body is None else await _decode_body(request)
        if parameters.body_shape is not None:
            for path, shape in parameters.body_shape.unknown(body):
                self._ignore_unknown(request, path, shape.names, "field")
        query = request.query_params if has_query else {}
        arguments = parameters.validate(request.path_params, query, body, errors)
        if errors:
            raise invalid_parameters(errors, header_of(request, b"content-type") or "")
        if parameters.takes_request:
            arguments["request"] = request
        return arguments

    def _ignore_unknown(
        self, request: BufferedRequest, path: unknown_fields.FieldPath, names: frozenset[str], what: str
    ) -> None:
        """Ignore an unknown name and list it in the response. Refused: `unknown-field`, where the request is strict."""
        if self.is_strict(request):
            raise unknown_fields.unknown_field_refusal(path, names, what)
        request.scope.setdefault("kanban.ignored", []).append(str(path[-1]))

    def is_strict(self, request: Request) -> bool:
        """Whether unknown names are refused rather than ignored."""
        return not self._ignores_unknown or unknown_fields.is_strict(header_of(request, b"prefer"))


@dataclass
class Router:
    """Collects the routes of a noun, by decorators. `prefix` begins all their paths."""

    prefix: str = ""
    tags: list[str] = field(default_factory=list)
    routes: list[HandlerRoute] = field(default_factory=list)

    def get(self, path: str, **description: Unpack[Description]) -> Callable[[H], H]:
        """Answer GET with the decorated handler."""
        return self._route("GET", path, description)

    def post(self, path: str, **description: Unpack[Description]) -> Callable[[H], H]:
        """Answer POST with the decorated handler."""
        return self._route("POST", path, description)

    def put(self, path: str, **description: Unpack[Description]) -> Callable[[H], H]:
        """Answer PUT with the decorated handler."""
        return self._route("PUT", path, description)

    def patch(self, path: str, **description: Unpack[Description]) -> Callable[[H], H]:
        """Answer PATCH with the decorated handler."""
        return self._route("PATCH", path, description)

    def delete(self, path: str, **description: Unpack[Description]) -> Callable[[H], H]:
        """Answer DELETE with the decorated handler."""
        return self._route("DELETE", path, description)

    def _route(self, method: str, path: str, description: Description) -> Callable[[H], H]:
        def register(handler: H) -> H:
            self.routes.append(HandlerRoute(self.prefix + path, handler, method, self.tags, description))
            return handler

        return register


def ignore_field(request: Request, name: str, reason: str) -> None:
    """List a field as ignored in the response. Refused: `invalid-request`, where the request is strict."""
    if request.scope["route"].is_strict(request):
        raise Refusal("invalid-request", f"`{name}` can't be used: {reason}", fix="Leave it out.", field=name)
    request.scope.setdefault("kanban.ignored", []).append(name)


def path_of(scope: Scope) -> str:
    """The path of a request without the prefix of the application."""
    path: str = scope["path"]
    prefix = scope.get("root_path", "")
    return path.removeprefix(prefix) if prefix and f"{path}/".startswith(f"{prefix}/") else path


async def _decode_body(request: BufferedRequest) -> object:
    """The body's JSON; MISSING where it is empty, NOT_JSON where its content type is not JSON."""
    body = await request.body()
    if not body:
        return MISSING
    if not _is_json(header_of(request, b"content-type") or ""):
        return NOT_JSON
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: it can't be read from character {error.pos} on."
        fix = "Send JSON in UTF-8: no NaN, and no number beyond a double."
        raise Refusal("invalid-request", detail, fix=fix) from error


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    header = Message()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
