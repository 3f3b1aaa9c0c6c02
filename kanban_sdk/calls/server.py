"""The server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kanban_sdk.calls.call import Call

if TYPE_CHECKING:
    from kanban_sdk.wire.health import Health


def health() -> Call[Health]:
    """Whether the server responds, and what it is."""
    return Call("GET", "/health", _read_health)


def _read_health(data: object) -> Health:
    """The health as sent. Raises TypeError if it is no JSON object."""
    if not isinstance(data, dict):
        raise TypeError("health is a JSON object")
    return cast("Health", data)
