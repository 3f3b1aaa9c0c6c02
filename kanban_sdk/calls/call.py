"""A request as a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


class Call(Generic[T]):
    """What to send, and how to read the answer.

    What is None in `query` is left out. A call that changes something is sent with an idempotency key, the same one at
    each retry, so that it takes effect once. `version` is what the change was made from (`If-Match`).
    """

    __slots__ = ("body", "method", "path", "query", "read", "version")

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
