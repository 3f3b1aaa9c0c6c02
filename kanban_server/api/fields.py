"""A request's header fields by their names: read once, asked for by everything that a request passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from starlette.types import Scope


def fields_of(scope: Scope) -> dict[bytes, bytes]:
    """The fields, by their names in lower case; of a field that is there twice, the last.

    Starlette's Headers walk through all fields at each look-up, which a tenth of a move's time went to.
    """
    fields: dict[bytes, bytes] | None = scope.get("kanban.fields")
    if fields is None:
        fields = scope["kanban.fields"] = dict(scope["headers"])
    return fields


def field(connection: HTTPConnection, name: bytes) -> str | None:
    """A field's text, or None."""
    return text_of(fields_of(connection.scope), name)


def text_of(fields: dict[bytes, bytes], name: bytes) -> str | None:
    """A field's text, or None."""
    value = fields.get(name)
    return None if value is None else value.decode("latin-1")
