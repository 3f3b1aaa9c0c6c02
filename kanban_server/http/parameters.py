"""The parameters of a route's handler: path and query parameters, and at most one JSON body, validated by Pydantic."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import NamedTuple, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypeForm, is_typeddict

from kanban_sdk.wire import limits
from kanban_server.entry import unknown_fields
from kanban_server.rules.problems import Refusal

Handler = Callable[..., Awaitable[Response]]
"""What answers a route: an async function of the parameters that it names, and of `request: Request`."""

BODY = "body"
"""The name of the parameter that takes the JSON body."""
MAX_SUMMARY_CHARACTERS, MAX_ERRORS = 500, 20
MISSING = inspect.Parameter.empty


class FieldError(NamedTuple):
    """Why a value is invalid. `location` is the source (path, query, body) and the path in it."""

    kind: str
    location: tuple[str | int, ...]
    message: str


@dataclass(frozen=True)
class Parameter:
    """One parameter of a handler. `source` is path, query or body."""

    name: str
    source: str
    annotation: TypeForm[object]
    default: object

    @cached_property
    def _adapter(self) -> TypeAdapter[object]:
        """Built at the first request: building all took a quarter of the server's start."""
        return TypeAdapter(self.annotation)

    def validate(self, value: object, errors: list[FieldError]) -> object:
        """The value for the handler; the default where `value` is MISSING. Appends to `errors`."""
        location = (BODY,) if self.source == BODY else (self.source, self.name)
        if value is MISSING:
            if self.default is MISSING:
                errors.append(FieldError("missing", location, "Field required"))
            return self.default
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False, include_input=False)
            errors += [FieldError(item["type"], (*location, *item["loc"]), item["msg"]) for item in details]
            return None


class Parameters:
    """All parameters of a handler at a path. Raises TypeError for a handler that asks for something else."""

    def __init__(self, handler: Handler, path_names: frozenset[str]) -> None:
        hints = get_type_hints(handler, include_extras=True)
        signature = inspect.signature(handler).parameters
        self.takes_request = hints.get("request") is Request
        self.path, self.query = list[Parameter](), list[Parameter]()
        self.body: Parameter | None = None
        for name, parameter in signature.items():
            source = "path" if name in path_names else BODY if name == BODY else "query"
            item = Parameter(name, source, hints[name], parameter.default)
            if source == BODY:
                self.body = item
            elif source == "path":
                self.path.append(item)
            elif name != "request":
                if any(_has_fields(part) for part in (hints[name], *get_args(hints[name]))):
                    raise TypeError(f"{handler.__qualname__}: a body must be named `body`, not `{name}`.")
                self.query.append(item)

    @cached_property
    def body_shape(self) -> unknown_fields.Shape | None:
        """The fields that the body may have; None where it may have any."""
        return None if self.body is None else unknown_fields.shape_of(self.body.annotation)

    def validate(
        self, path: Mapping[str, str], query: Mapping[str, str], body: object, errors: list[FieldError]
    ) -> dict[str, object]:
        """The arguments for the handler, without the request. Appends to `errors`."""
        arguments = {item.name: item.validate(path[item.name], errors) for item in self.path}
        for item in self.query:
            arguments[item.name] = item.validate(query.get(item.name, MISSING), errors)
        if self.body is not None:
            arguments[BODY] = self.body.validate(body, errors)
        return arguments


def _has_fields(annotation: object) -> bool:
    return isinstance(annotation, type) and (is_dataclass(annotation) or is_typeddict(annotation))


def invalid_parameters(errors: list[FieldError], content_type: str) -> Refusal:
    """The refusal of invalid parameters. No input is repeated: it may not be encodable."""
    first = errors[0]
    if first.location[0] == BODY and "json" not in content_type.lower():
        return Refusal(
            "unsupported-media-type", "The body must be JSON.", fix="Send JSON with Content-Type: application/json."
        )
    if first.location[-1] == "page_size" and first.kind == "less_than_equal":
        return Refusal(
            "page-too-large",
            f"A page holds at most {limits.PAGE_MOST} tickets.",
            fix=f"Ask for {limits.PAGE_MOST} or fewer, and for more pages.",
            limit=limits.PAGE_MOST,
        )
    fields = [
        {"field": ".".join(map(str, item.location[1:])) or str(item.location[0]), "message": item.message}
        for item in errors
    ]
    summary = "; ".join(f"{item['field']}: {item['message']}" for item in fields[:3])
    return Refusal(
        "invalid-request",
        summary[:MAX_SUMMARY_CHARACTERS],
        fix="Correct these fields; /docs shows the form.",
        errors=fields[:MAX_ERRORS],
    )
