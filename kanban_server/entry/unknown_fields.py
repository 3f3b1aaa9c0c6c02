"""Unknown fields and query parameters: listed in `Kanban-Ignored`, or refused (`unknown-field`).

The routes of the base contract ignore them, unless the request has `Prefer: handling=strict` (RFC 7240); all other
routes refuse them. Every route refuses a known query parameter that is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl, quote

from typing_extensions import is_typeddict

from kanban_sdk.wire.operations import ACTOR_FIELDS
from kanban_server.rules.problems import Refusal

LENIENT_ROUTES = frozenset(
    {
        ("GET", "/api/boards"),
        ("POST", "/api/boards"),
        ("GET", "/api/boards/{board_id}"),
        ("PUT", "/api/boards/{board_id}"),
        ("DELETE", "/api/boards/{board_id}"),
        ("GET", "/api/boards/{board_id}/columns"),
        ("PUT", "/api/boards/{board_id}/columns"),
        ("GET", "/api/boards/{board_id}/tickets"),
        ("GET", "/api/tickets"),
        ("POST", "/api/tickets"),
        ("GET", "/api/tickets/{ticket_id}"),
        ("PUT", "/api/tickets/{ticket_id}"),
        ("DELETE", "/api/tickets/{ticket_id}"),
        ("POST", "/api/tickets/{ticket_id}/move"),
        ("POST", "/api/tickets/{ticket_id}/claim"),
        ("GET", "/api/comments/ticket/{ticket_id}"),
        ("POST", "/api/comments"),
        ("POST", "/api/bulk/tickets/move"),
        ("GET", "/api/history/tickets/{ticket_id}/history"),
        ("GET", "/health"),
        ("GET", "/docs"),
        ("GET", "/docs/oauth2-redirect"),
        ("GET", "/openapi.json"),
    }
)
"""The routes of the base contract, whose clients may send unknown fields, and the pages that FastAPI adds."""
MAX_IGNORED_NAMES = 20
"""Maximum number of names in one `Kanban-Ignored`."""
MAX_NAME_CHARACTERS = 60
"""Maximum characters of a name that are repeated."""

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Shape:
    """The fields of a JSON object; `nested` has the shapes of fields with objects or lists of objects.

    Where objects are of several kinds, `kinds` has the shape of each by its `op`.
    """

    names: frozenset[str]
    nested: Mapping[str, Shape] = field(default_factory=dict)
    kinds: Mapping[str, Shape] = field(default_factory=dict)

    def unknown(self, value: object, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Shape]]:
        """Yield the path of each unknown field, and the shape that lacks it."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.unknown(item, (*path, index))
        elif isinstance(value, dict):
            if self.kinds:
                kind = self.kinds.get(str(value.get("op")))
                if kind is not None:
                    yield from kind.unknown(value, path)
                return
            if not value.keys() <= self.names:
                for name in value:
                    if name not in self.names:
                        yield (*path, name), self
            for name, shape in self.nested.items():
                if name in value:
                    yield from shape.unknown(value[name], (*path, name))


def shape_of(annotation: object) -> Shape | None:
    """The shape of a type's JSON objects; None where it has none, or takes any field."""
    origin = get_origin(annotation)
    if origin in {Annotated, Required, NotRequired, list}:
        return shape_of(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        if len(kinds) == 1:
            return shape_of(kinds[0])
        by_op = {
            _operation_name(kind): _without_fields(shape_of(kind), ACTOR_FIELDS) for kind in kinds if _has_fields(kind)
        }
        return Shape(frozenset(), kinds=by_op) if by_op else None
    if not _has_fields(annotation):
        return None
    hints = get_type_hints(annotation, include_extras=True)
    names = {item.name for item in fields(annotation)} if is_dataclass(annotation) else hints.keys()
    nested = {name: shape for name in names if (shape := shape_of(hints[name])) is not None}
    return Shape(frozenset(names), nested)


def _has_fields(annotation: object) -> bool:
    return is_dataclass(annotation) or is_typeddict(annotation)


def _operation_name(kind: type) -> str:
    hint = get_type_hints(kind)["op"]
    while get_origin(hint) is not Literal:
        hint = get_args(hint)[0]
    return str(get_args(hint)[0])


def _without_fields(shape: Shape | None, names: frozenset[str]) -> Shape:
    assert shape is not None
    return Shape(shape.names - names, shape.nested)


def unknown_parameters(query: bytes, known: frozenset[str]) -> list[str]:
    """The unknown parameters of a query string. Refused: a repeated known one."""
    unknown: list[str] = []
    names_seen: set[str] = set()
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            unknown.append(name)
        elif name in names_seen:
            raise Refusal(
                "invalid-request",
                f"The query parameter '{name}' is there twice, and takes one value.",
                fix="Send it once; make a request for each value.",
                field=name,
            )
        names_seen.add(name)
    return unknown


def check_parameters(query: bytes, known: frozenset[str]) -> None:
    """Refused: `unknown-field`, and a repeated known parameter."""
    for name in unknown_parameters(query, known):
        raise unknown_field_refusal((name,), known, "query parameter")


def unknown_field_refusal(path: FieldPath, known: Iterable[str], what: str = "field") -> Refusal:
    """The refusal of an unknown field or query parameter, with the most similar known one."""
    from difflib import get_close_matches

    name, names = str(path[-1])[:MAX_NAME_CHARACTERS], sorted(known)
    nearest = get_close_matches(name, names, 1)
    shown_path = ".".join(str(part)[:MAX_NAME_CHARACTERS] for part in path)
    facts: dict[str, object] = {"field": shown_path, "known": names}
    if nearest:
        facts["nearest"] = nearest[0]
    if path[0] == "operations" and len(path) > 1:
        facts["index"] = path[1]
    fix = (
        f"Send '{nearest[0]}', if that is meant; else leave it out."
        if nearest
        else "Leave it out; `known` has the others."
    )
    return Refusal("unknown-field", f"There is no {what} '{shown_path}' here.", fix=fix, **facts)


def is_strict(prefer: str | None) -> bool:
    """Whether a `Prefer` header has `handling=strict`."""
    if prefer is None:
        return False
    return any(part.partition(";")[0].replace(" ", "").lower() == "handling=strict" for part in prefer.split(","))


def ignored_header(names: Iterable[str]) -> bytes:
    """The value of `Kanban-Ignored`: at most twenty names, percent-encoded UTF-8, separated by commas."""
    shown_path = list(dict.fromkeys(names))[:MAX_IGNORED_NAMES]
    return ", ".join(quote(name[:MAX_NAME_CHARACTERS], safe="", errors="replace") for name in shown_path).encode()
