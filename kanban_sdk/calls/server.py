"""The server itself."""

from __future__ import annotations

from typing import Any

from kanban_sdk.calls.call import Call


def health() -> Call[dict[str, Any]]:
    """Whether the server responds, and what it is: `status`, `version`, `database`."""
    return Call("GET", "/health", dict)
