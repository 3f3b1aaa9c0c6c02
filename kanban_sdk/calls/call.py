"""A request as a value."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from kanban_sdk.errors import Unreachable

T = TypeVar("T")
S = TypeVar("S")

STRICT = {"Prefer": "handling=strict"}
"""Has the server refuse fields that it does not know, rather than ignore them (RFC 7240)."""


class Call(Generic[T]):
    """What to send, and how to read the answer.

    What is None in `query` is left out. `version` is what the change was made from (`If-Match`), `lease` the token of
    the claim that it is made under (`Kanban-Lease`).
    """

    __slots__ = ("body", "lease", "method", "path", "query", "read", "version")

    def __init__(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        version: int | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.read = read
        self.query = {name: value for name, value in (query or {}).items() if value is not None}
        self.body = body
        self.version = version
        self.lease: str | None = None

    @property
    def changes(self) -> bool:
        """Whether the call changes something."""
        return self.method != "GET"

    def target(self, prefix: str = "") -> str:
        """The path with its query, percent-encoded, under a prefix."""
        if not self.query:
            return prefix + self.path
        from urllib.parse import urlencode

        return f"{prefix}{self.path}?{urlencode({name: _text(value) for name, value in self.query.items()})}"

    def headers(self) -> dict[str, str]:
        """The headers of its own, with a new idempotency key where it changes something.

        Ask once and send the same at each try: the key is what makes the call take effect once.
        """
        headers = {}
        if self.changes:
            headers["Idempotency-Key"] = os.urandom(16).hex()
        if self.version is not None:
            headers["If-Match"] = f'"{self.version}"'
        if self.lease is not None:
            headers["Kanban-Lease"] = self.lease
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def content(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        return b"" if self.body is None else json.dumps(self.body).encode()

    def answer(self, content: bytes, url: str) -> T:
        """What the answer says. Raises Unreachable where it is not an answer of a kanban server."""
        try:
            return self.read(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable(url, "what answers there is no kanban server") from error

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.target()}>"


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def each(read: Callable[[Any], S]) -> Callable[[Any], list[S]]:
    """A reader of lists of what `read` reads."""
    return lambda items: [read(item) for item in items]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
