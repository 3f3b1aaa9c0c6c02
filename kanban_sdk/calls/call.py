"""A request as a value."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Generator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from kanban_sdk.errors import KanbanWarning, Unreachable
from kanban_sdk.wire.shape import Reader

T = TypeVar("T")

STRICT_HEADERS = {"Prefer": "handling=strict"}
"""Makes the server refuse unknown fields instead of ignoring them (RFC 7240)."""
PART_BYTES = 256 * 1024
"""Bytes of a file that are in memory at a time."""


@dataclass(frozen=True, eq=False, repr=False)
class Call(Generic[T]):
    """What to send, and how to read the response. Immutable, so that it can be sent any number of times.

    `body` is sent as JSON, or as it is if it is bytes; `file` is a path whose content is sent in parts. `raw` means
    that the response is no JSON: `read` gets its bytes. None values in `query` are omitted. `version` is the version
    that the change is based on (`If-Match`), `lease` the token of the claim that it is made under (`Kanban-Lease`).
    """

    method: str
    path: str
    read: Reader[T]
    _: KW_ONLY
    query: Mapping[str, object] | None = None
    body: object = None
    file: Path | None = None
    raw: bool = False
    version: int | None = None
    lease: str | None = None

    def with_lease(self, lease: str | None) -> Call[T]:
        """The same call under a lease."""
        return replace(self, lease=lease)

    @property
    def is_write(self) -> bool:
        """Whether the call changes data."""
        return self.method != "GET"

    def target(self, prefix: str = "") -> str:
        """The path with its query, percent-encoded, after a prefix."""
        query = {name: _query_value(value) for name, value in (self.query or {}).items() if value is not None}
        if not query:
            return prefix + self.path
        from urllib.parse import urlencode

        return f"{prefix}{self.path}?{urlencode(query)}"

    def headers(self) -> dict[str, str]:
        """The call's own headers, with a new idempotency key if it changes data.

        Call this once and send the same headers at each try: the key makes the call take effect once.
        """
        headers = {}
        if self.is_write:
            headers["Idempotency-Key"] = os.urandom(16).hex()
        if self.version is not None:
            headers["If-Match"] = f'"{self.version}"'
        if self.lease is not None:
            headers["Kanban-Lease"] = self.lease
        if self.file is not None:
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(self.file.stat().st_size)
        elif isinstance(self.body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif self.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def content(self) -> bytes:
        """The body as sent; empty if there is none. A `file` is read by `parts`."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()

    def parts(self) -> Generator[bytes]:
        """The body as sent, in parts. Raises OSError where the `file` can't be read."""
        if self.file is None:
            yield self.content()
            return
        with self.file.open("rb") as source:
            while part := source.read(PART_BYTES):
                yield part

    def parse_response(self, content: bytes, url: str) -> T:
        """The parsed response; its warnings are issued as `KanbanWarning`.

        Raises Unreachable if it is not a response of a kanban server.
        """
        try:
            if self.raw:
                return self.read(content)
            data = json.loads(content)
            result = self.read(data)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unreachable(url, "the server there is no kanban server") from None
        if isinstance(data, dict):
            for warning in data.get("warnings") or ():
                warnings.warn(KanbanWarning(warning), stacklevel=5)  # points to the caller of the client
        return result

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.target()}>"


def without_none(**fields: object) -> dict[str, object]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _query_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
