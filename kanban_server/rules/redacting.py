"""Taking a text that leaked out of all that was written about a ticket, without touching what holds it together."""

from __future__ import annotations

from typing import Any

INSTEAD = "***"
"""What stands where the text stood: never longer, so that nothing grows over its limit."""
TEXTS = frozenset({"title", "description", "acceptance_criteria", "labels", "links", "extra", "text", "note", "notes"})
"""The fields in which people write; in any other the same letters are no leak."""


def blanked(value: Any, text: str) -> Any:
    """A structure without the text: in the fields in which people write, however deep."""
    if isinstance(value, dict):
        return {name: scrubbed(one, text) if name in TEXTS else blanked(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [blanked(one, text) for one in value]
    return value


def scrubbed(value: Any, text: str) -> Any:
    """A value without the text, in all of its strings."""
    if isinstance(value, str):
        return value.replace(text, INSTEAD)
    if isinstance(value, dict):
        return {scrubbed(name, text): scrubbed(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [scrubbed(one, text) for one in value]
    return value
