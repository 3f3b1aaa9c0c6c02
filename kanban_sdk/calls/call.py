"""A request as a value."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Generic, TypeVar

from kanban_sdk.errors import KanbanWarning, Unreachable

T = TypeVar("T")
S = TypeVar("S")

STRICT_HEADERS = {"Prefer": "handling=strict"}
"""Has the server refuse fields that it does not know, rather than ignore them (RFC 7240)."""


@dataclass(frozen=True, eq=False, repr=False)
class Call(Generic[T]):
    """What to send, and how to read the answer. It never changes, so that it can be sent any number of times.

    What is None in `query` is left out. `version` is what the change was made from (`If-Match`), `lease` the token of
    the claim that it is made under (`Kanban-Lease`).
    """

    method: str
    path: str
    read: Callable[[Any], T]
    _: KW_ONLY
    query: Mapping[str, Any] | None = None
    body: Any = None
    version: int | None = None
    lease: str | None = None

    def with_lease(self, lease: str | None) -> Call[T]:
        """The same call under a lease."""
        return replace(self, lease=lease)

    @property
    def is_write(self) -> bool:
        """Whether the call changes something."""
        return self.method != "GET"

    def target(self, prefix: str = "") -> str:
        """The path with its query, percent-encoded, under a prefix."""
        query = {name: _query_value(value) for name, value in (self.query or {}).items() if value is not None}
        if not query:
            return prefix + self.path
        from urllib.parse import urlencode

        return f"{prefix}{self.path}?{urlencode(query)}"

    def headers(self) -> dict[str, str]:
        """The headers of its own, with a new idempotency key where it changes something.

        Ask once and send the same at each try: the key is what makes the call take effect once.
        """
        headers = {}
        if self.is_write:
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

    def parse_response(self, content: bytes, url: str) -> T:
        """What the answer says; what it warns of is told as `KanbanWarning`.

        Raises Unreachable where it is not an answer of a kanban server.
        """
        try:
            data = json.loads(content)
            answer = self.read(data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable(url, "what answers there is no kanban server") from error
        if isinstance(data, dict):
            for warning in data.get("warnings") or ():
                warnings.warn(KanbanWarning(warning), stacklevel=5)  # who called the client
        return answer

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.target()}>"


def without_none(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def list_of(read: Callable[[Any], S]) -> Callable[[Any], list[S]]:
    """A reader of lists of what `read` reads."""
    return lambda items: [read(item) for item in items]


def _query_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
