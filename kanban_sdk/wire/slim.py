"""Slim JSON: what agents and scripts read of an answer. HTTP sends all fields.

This is the one place that decides which fields of a ticket are slim. Names and values are those of HTTP; only what has
nothing to say is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

ROW = (
    "id", "title", "current_column", "priority", "assignee", "claim", "lease", "open_blockers", "open_children",
    "open_question", "asked", "due_date", "not_before", "needs", "labels", "parent", "archived_at", "board_name",
)  # fmt: skip
"""Fields of a ticket in a list."""
CHANGED = (*ROW, "blocked_by", "criteria", "links", "version", "unmet", "warnings")
"""Fields of a ticket after a change to it."""
DETAILS = (
    *CHANGED, "board_id", "children", "description", "acceptance_criteria", "attempts", "comments",
    "created_by", "created_at", "updated_at", "sizes", "files",
)  # fmt: skip
"""Fields of a ticket that is read on its own, and of one to work on."""
NESTED = {
    "claim": ("holder",),
    "lease": ("token", "expires_in", "renewed_at"),
    "attempts": ("holder", "claimed_at", "ended_at", "reason", "note"),
    "files": ("name", "size", "media_type"),
    "comments": ("id", "author", "text", "created_at"),
}
"""Fields of the objects within a ticket."""
DEFAULT_PRIORITY = "medium"
"""The priority of a ticket for which none is named: it is left out."""


def says_nothing(value: object) -> bool:
    """Whether a field has nothing to say: null, an empty text, list or object, or a count of zero."""
    return value is None or value == 0 or value in ("", [], {})


def slim_ticket(ticket: Mapping[str, object], fields: tuple[str, ...] = ROW) -> dict[str, object]:
    """Return those of the fields that have something to say, in their order."""
    return {
        name: _slim_nested(name, ticket[name])
        for name in fields
        if not (says_nothing(ticket.get(name)) or (name == "priority" and ticket[name] == DEFAULT_PRIORITY))
    }


def slim(value: object, *, details: bool = False) -> object:
    """Return a JSON value without nulls, and with slim tickets.

    A ticket in a list has the fields of ROW, another one those of CHANGED; with `details`, those of DETAILS.
    """
    return _slim(value, DETAILS if details else CHANGED)


def _slim(value: object, fields: tuple[str, ...]) -> object:
    value = _as_json(value)
    if isinstance(value, list):
        return [_slim(item, ROW) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() >= {"id", "title", "current_column"}:
        return slim_ticket(value, fields)
    return {
        name: _slim(inner, DETAILS if name == "next" else fields) for name, inner in value.items() if inner is not None
    }


def _slim_nested(name: str, value: object) -> object:
    value = _as_json(value)
    if isinstance(value, list):
        return [_slim_nested(name, item) for item in value]
    if isinstance(value, Mapping) and name in NESTED:
        return {field: value[field] for field in NESTED[name] if not says_nothing(value.get(field))}
    return value


def _as_json(value: object) -> object:
    """Return the fields of a dataclass, and any other value as it is."""
    return vars(value) if hasattr(value, "__dataclass_fields__") else value
