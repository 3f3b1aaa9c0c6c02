"""Removing a leaked text from everything that is stored about a ticket, without breaking its structure.

Only free text is changed: fields in which people write. Names of fields, kinds, columns, people and numbers stay.
"""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules.files.names import safe_name
from kanban_server.rules.markdown.mentions import find_mentions

REPLACEMENT = "***"
"""Replaces the removed text, and is never longer, so that nothing exceeds its limit."""
TEXT_FIELDS = frozenset({"title", "description", "acceptance_criteria", "text", "note", "notes"})
"""The fields that hold one free text."""
TICKET_FIELDS = frozenset(Ticket.__dataclass_fields__)
OWN_KEYS = frozenset({"blocked_by_sources", "parent_source"})
"""Keys that the server itself writes into `extra`."""


def redact_fields(value: Any, text: str, ticket_id: int) -> Any:
    """Stored data of a ticket (a row, an event, a response) without the text."""
    if isinstance(value, list):
        return [redact_fields(item, text, ticket_id) for item in value]
    if not isinstance(value, dict):
        return value
    clean = {name: _changes(item, text, ticket_id) if name == "changes" else field(name, item, text, ticket_id)
             for name, item in value.items()}  # fmt: skip
    if "mentions" in value and clean.get("text") != value.get("text"):
        left = find_mentions(clean["text"])
        clean["mentions"] = [name for name in value["mentions"] if name in left]
    if "name" in value and ("files" in value or "media_type" in value):
        clean["name"] = redact_file_name(value["name"], text)
    return clean


def field(name: str, value: Any, text: str, ticket_id: int) -> Any:
    """The value of a field without the text; unchanged if the field has no free text."""
    if name in TEXT_FIELDS:
        return redact_value(value, text) if isinstance(value, str) else value
    if name == "source_id":
        return source(value, text, ticket_id)
    if name in {"labels", "needs"}:
        return list(dict.fromkeys(redact_value(value, text))) if isinstance(value, list) else value
    if name == "links":
        return [{**link, "ref": redact_value(link["ref"], text)} for link in value or []]
    if name == "files":
        return [{**file, "name": redact_file_name(file["name"], text)} for file in value or []]
    if name == "extra":
        return _foreign(value, text)
    return redact_fields(value, text, ticket_id)


def source(value: str | None, text: str, ticket_id: int) -> str | None:
    """A ticket's `source_id` without the text. It stays unique on the board."""
    return value if not value or text not in value else f"{redact_value(value, text)}-{ticket_id}"


def redact_file_name(name: str, text: str) -> str:
    """The name of a file without the text; it stays a name that file systems accept."""
    return safe_name(name.replace(text, "___")) if text in name else name


def redact_value(value: Any, text: str) -> Any:
    """A value without the text, in all of its strings."""
    if isinstance(value, str):
        return value.replace(text, REPLACEMENT)
    if isinstance(value, dict):
        return {redact_value(name, text): redact_value(item, text) for name, item in value.items()}
    if isinstance(value, list):
        return [redact_value(item, text) for item in value]
    return value


def _changes(value: Any, text: str, ticket_id: int) -> Any:
    """The changes of an event: `{field: {"from": …, "to": …}}`. Fields that a ticket does not have are free text."""
    return {
        name: {
            side: field(name, item, text, ticket_id) if name in TICKET_FIELDS else redact_value(item, text)
            for side, item in change.items()
        }
        for name, change in value.items()
    }


def _foreign(value: object, text: str) -> object:
    """Imported extra data, whose keys are free text too, except for the server's own."""
    if not isinstance(value, dict):
        return redact_value(value, text)
    return {
        name if name in OWN_KEYS else redact_value(name, text): redact_value(item, text) for name, item in value.items()
    }
