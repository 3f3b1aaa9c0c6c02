"""Routes of our own: FastAPI finds out what a handler asks for and describes it; each request is read by that alone.

What FastAPI does for every request anew took a third of the time of a move (docs/decisions/0010-lean-routes.md).
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
from starlette.routing import BaseRoute, Match, WebSocketRoute

from kanban_server.api import known
from kanban_server.api.described import with_policy
from kanban_server.api.fields import field
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from fastapi._compat import ModelField
    from starlette.types import Receive, Scope, Send


class StrictRequest(Request):
    """A request whose body is kept once it was read."""

    _whole: bytes | None = None

    async def body(self) -> bytes:
        """The body. Raises Refusal `body-too-large`, and HTTPException where the client went away."""
        if self._whole is None:
            parts = []
            more = True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise HTTPException(400, "The body ended early.")
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._whole = parts[0] if len(parts) == 1 else b"".join(parts)
        return self._whole


class StrictRoute(APIRoute):
    """A route whose handler asks for parts of the path, of the query, and at most one body, and answers a Response.

    A body is JSON, read strictly: no NaN, no lone surrogates, no bad UTF-8, no depth beyond 1,024. `response_model` is
    for the description alone (`openapi`).
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, response_model: Any = None, **more: Any) -> None:
        super().__init__(path, endpoint, response_model=None, **more)
        self.described_model = None if isinstance(response_model, DefaultPlaceholder) else response_model
        asked = self.dependant
        if asked.dependencies or asked.header_params or asked.cookie_params or len(asked.body_params) > 1:
            raise TypeError(f"{endpoint.__name__} asks for more than the path, the query and one body.")
        self._takes = frozenset(self.methods or ())
        self._from_body = asked.body_params[0] if asked.body_params else None
        self._lenient = all((method, path) in known.LENIENT for method in self._takes - {"HEAD"})
        names = frozenset(parameter.alias for parameter in asked.query_params)
        self._parameters = names if "GET" in self._takes else names | {"force"}
        self._fields: known.Shape | None = None
        self._fields_wanted = self._from_body is not None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is this route's, and with which parts."""
        if scope["type"] != "http" or (match := self.path_regex.match(get_route_path(scope))) is None:
            return Match.NONE, {}
        found = {"endpoint": self.endpoint, "path_params": match.groupdict(), "route": self}
        return (Match.FULL if scope["method"] in self._takes else Match.PARTIAL), found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Raises HTTPException 405, RequestValidationError, and Refusal."""
        if scope["method"] not in self._takes:
            raise HTTPException(405)
        request = StrictRequest(scope, receive)
        response = await self.endpoint(**await self._arguments(request))
        if "kanban.ignored" in scope:
            response.raw_headers.append((b"kanban-ignored", known.ignored(scope["kanban.ignored"])))
        await response(scope, receive, send)

    async def _arguments(self, request: StrictRequest) -> dict[str, Any]:
        asked, wrong = self.dependant, list[Any]()
        if query := request.scope["query_string"]:
            for name in known.unknown_parameters(query, self._parameters):
                self._ignore(request, (name,), self._parameters, "query parameter")
        body = PydanticUndefined if self._from_body is None else await _decoded(request)
        if self._fields_wanted and self._from_body is not None:  # worked out late: a server starts sooner
            self._fields = known.shape_of(self._from_body.field_info.annotation)
            self._fields_wanted = False
        if self._fields is not None:
            for path, lacking in self._fields.unknown(body):
                self._ignore(request, path, lacking.names, "field")
        arguments = _taken(asked.path_params, request.path_params, "path", wrong)
        if asked.query_params:
            arguments |= _taken(asked.query_params, request.query_params, "query", wrong)
        if self._from_body is not None:
            arguments |= {self._from_body.name: _validated(self._from_body, body, ("body",), wrong)}
        if asked.request_param_name:
            arguments[asked.request_param_name] = request
        if wrong:
            raise RequestValidationError(wrong)
        return arguments

    def _ignore(self, request: StrictRequest, path: known.Path, names: frozenset[str], what: str) -> None:
        """Leave out what is not known, and have the answer say so. Refused: `unknown-field`, where that is wanted."""
        if self.is_strict(request):
            raise known.unknown_field(path, names, what)
        request.scope.setdefault("kanban.ignored", []).append(str(path[-1]))

    def is_strict(self, request: Request) -> bool:
        """Whether what can't be used is refused, not ignored."""
        return not self._lenient or known.is_strict(field(request, b"prefer"))


def leave_out(request: Request, name: str, why: str) -> None:
    """Have the answer say that a field was not used. Refused: `invalid-request`, where the request is strict."""
    if request.scope["route"].is_strict(request):
        raise Refusal("invalid-request", f"`{name}` can't be used: {why}", fix="Leave it out.", field=name)
    request.scope.setdefault("kanban.ignored", []).append(name)


def strict(route: BaseRoute) -> BaseRoute:
    """A page that FastAPI brings, as a route of ours; any other route as it is."""
    if not isinstance(route, APIRoute):
        return route
    return StrictRoute(route.path, with_policy(route.endpoint), include_in_schema=route.include_in_schema)


class SocketRoute(WebSocketRoute):
    """A route for a WebSocket whose handler is given nothing but the socket, so that an open one holds little."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is this route's."""
        match, found = super().matches(scope)
        return match, {**found, "route": self} if match is Match.FULL else found


def _taken(fields: list[ModelField], given: Mapping[str, Any], where: str, wrong: list[Any]) -> dict[str, Any]:
    return {
        field.name: _validated(field, given.get(field.alias, PydanticUndefined), (where, field.alias), wrong)
        for field in fields
    }


def _validated(field: ModelField, value: Any, where: tuple[str, ...], wrong: list[Any]) -> Any:
    """The value as the handler takes it; what is wrong with it goes to the list."""
    if value is PydanticUndefined:
        if field.field_info.is_required():
            wrong.append({"type": "missing", "loc": where, "msg": "Field required"})
        return field.get_default()
    valid, errors = field.validate(value, loc=where)
    wrong += errors
    return valid


async def _decoded(request: StrictRequest) -> Any:
    """The body's JSON; what is not said to be JSON stays bytes, which no handler takes."""
    body = await request.body()
    if not body:
        return PydanticUndefined
    if not _is_json(field(request, b"content-type") or ""):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = ("body", error.pos)
        raise RequestValidationError([{"type": "json_invalid", "loc": where, "msg": error.msg}]) from error


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    header = Message()
    header["content-type"] = content_type
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
