"""A request's header fields by their names: read once, asked for by everything that a request passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from starlette.types import Scope


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The fields, by their names in lower case; of a field that is there twice, the last.

    Starlette's Headers walk through all fields at each look-up, which a tenth of a move's time went to.
    """
    headers: dict[bytes, bytes] | None = scope.get("kanban.headers")
    if headers is None:
        headers = scope["kanban.headers"] = dict(scope["headers"])
    return headers


def header_of(connection: HTTPConnection, name: bytes) -> str | None:
    """A field's text, or None."""
    return decode_header(headers_of(connection.scope), name)


def decode_header(headers: dict[bytes, bytes], name: bytes) -> str | None:
    """A field's text, or None."""
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
