"""Parsing a server's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kanban_sdk.errors import Unreachable

if TYPE_CHECKING:
    from urllib.parse import SplitResult


def parse_address(url: str) -> SplitResult:
    """The parts of a server's address. Raises Unreachable if it is malformed, such as `localhost:8000`."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise Unreachable(url, "an address is http:// or https:// and a host, such as http://127.0.0.1:8000")
