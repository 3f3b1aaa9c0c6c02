"""Lean routes: FastAPI analyses and describes a handler; requests are then read without FastAPI.

FastAPI's work per request took a third of the time of a move (docs/decisions/0010-lean-routes.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import Message
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from kanban_server.entry import unknown_fields
from kanban_server.entry.headers import header_of
from kanban_server.http.docs_policy import with_policy
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from fastapi._compat import ModelField
    from starlette.types import Receive, Scope, Send


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


class LeanRoute(APIRoute):
    """A route whose handler takes path and query parameters and at most one body, and returns a Response.

    A body is JSON, parsed strictly: no NaN, no lone surrogates, no invalid UTF-8, no depth beyond 1,024.
    `response_model` is only used for the description (`openapi`).
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, response_model: Any = None, **options: Any) -> None:
        super().__init__(path, endpoint, response_model=None, **options)
        self.described_model = None if isinstance(response_model, DefaultPlaceholder) else response_model
        dependant = self.dependant
        if (
            dependant.dependencies
            or dependant.header_params
            or dependant.cookie_params
            or len(dependant.body_params) > 1
        ):
            raise TypeError(f"{endpoint.__name__} asks for more than the path, the query and one body.")
        self._route_methods = frozenset(self.methods or ())
        self._json_field = dependant.body_params[0] if dependant.body_params else None
        self._ignores_unknown = all(
            (method, path) in unknown_fields.LENIENT_ROUTES for method in self._route_methods - {"HEAD"}
        )
        names = frozenset(parameter.alias for parameter in dependant.query_params)
        self._parameters = names if "GET" in self._route_methods else names | {"force"}
        self._body_shape: unknown_fields.Shape | None = None
        self._shape_pending = self._json_field is not None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path and extract its parameters."""
        if scope["type"] != "http" or (match := self.path_regex.match(get_route_path(scope))) is None:
            return Match.NONE, {}
        child_scope = {"endpoint": self.endpoint, "path_params": match.groupdict(), "route": self}
        return (Match.FULL if scope["method"] in self._route_methods else Match.PARTIAL), child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request. Raises HTTPException 405, RequestValidationError, and Refusal."""
        if scope["method"] not in self._route_methods:
            raise HTTPException(405)
        request = BufferedRequest(scope, receive)
        response = await self.endpoint(**await self._arguments(request))
        if "kanban.ignored" in scope:
            response.raw_headers.append((b"kanban-ignored", unknown_fields.ignored_header(scope["kanban.ignored"])))
        await response(scope, receive, send)

    async def _arguments(self, request: BufferedRequest) -> dict[str, Any]:
        dependant, errors = self.dependant, list[Any]()
        if query := request.scope["query_string"]:
            for name in unknown_fields.unknown_parameters(query, self._parameters):
                self._ignore_unknown(request, (name,), self._parameters, "query parameter")
        body = PydanticUndefined if self._json_field is None else await _decode_body(request)
        if self._shape_pending and self._json_field is not None:  # at the first request: a server starts sooner
            self._body_shape = unknown_fields.shape_of(self._json_field.field_info.annotation)
            self._shape_pending = False
        if self._body_shape is not None:
            for path, shape in self._body_shape.unknown(body):
                self._ignore_unknown(request, path, shape.names, "field")
        arguments = _validate_parameters(dependant.path_params, request.path_params, "path", errors)
        if dependant.query_params:
            arguments |= _validate_parameters(dependant.query_params, request.query_params, "query", errors)
        if self._json_field is not None:
            arguments |= {self._json_field.name: _validate_value(self._json_field, body, ("body",), errors)}
        if dependant.request_param_name:
            arguments[dependant.request_param_name] = request
        if errors:
            raise RequestValidationError(errors)
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


def ignore_field(request: Request, name: str, reason: str) -> None:
    """List a field as ignored in the response. Refused: `invalid-request`, where the request is strict."""
    if request.scope["route"].is_strict(request):
        raise Refusal("invalid-request", f"`{name}` can't be used: {reason}", fix="Leave it out.", field=name)
    request.scope.setdefault("kanban.ignored", []).append(name)


def lean_route(route: BaseRoute) -> BaseRoute:
    """Turn a page that FastAPI adds into a LeanRoute; other routes are returned as they are."""
    if not isinstance(route, APIRoute):
        return route
    return LeanRoute(route.path, with_policy(route.endpoint), include_in_schema=route.include_in_schema)


def _validate_parameters(
    fields: list[ModelField], values: Mapping[str, Any], source: str, errors: list[Any]
) -> dict[str, Any]:
    return {
        field.name: _validate_value(field, values.get(field.alias, PydanticUndefined), (source, field.alias), errors)
        for field in fields
    }


def _validate_value(field: ModelField, value: Any, location: tuple[str, ...], errors: list[Any]) -> Any:
    """Validate a value for the handler; appends its errors to the list."""
    if value is PydanticUndefined:
        if field.field_info.is_required():
            errors.append({"type": "missing", "loc": location, "msg": "Field required"})
        return field.get_default()
    valid, value_errors = field.validate(value, loc=location)
    errors += value_errors
    return valid


async def _decode_body(request: BufferedRequest) -> Any:
    """The body's JSON; bytes where the content type is not JSON, which no handler accepts."""
    body = await request.body()
    if not body:
        return PydanticUndefined
    if not _is_json(header_of(request, b"content-type") or ""):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        location = ("body", error.pos)
        raise RequestValidationError([{"type": "json_invalid", "loc": location, "msg": error.msg}]) from error


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    header = Message()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
