"""Request headers as a dictionary, built once per request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from starlette.types import Scope


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by lower-case name; the last one where a name repeats.

    Starlette's Headers scan all fields at each look-up, which took a tenth of a move's time.
    """
    headers: dict[bytes, bytes] | None = scope.get("kanban.headers")
    if headers is None:
        headers = scope["kanban.headers"] = dict(scope["headers"])
    return headers


def header_of(connection: HTTPConnection, name: bytes) -> str | None:
    """The header's text, or None."""
    return decode_header(headers_of(connection.scope), name)


def decode_header(headers: dict[bytes, bytes], name: bytes) -> str | None:
    """The header's text, or None."""
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
