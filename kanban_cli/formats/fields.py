"""Fields of front matter and tables: map other names and values to a ticket's fields."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kanban_cli.formats import conversion
from kanban_sdk.wire.boards import Column, matching

FIELD_NAMES = {
    "id": ("source_id", "id", "key", "issue_key", "number"),
    "title": ("title", "summary", "name", "task", "subject"),
    "description": ("description", "body", "details", "notes"),
    "acceptance_criteria": ("acceptance_criteria", "criteria", "definition_of_done"),
    "status": ("current_column", "column", "status", "state", "list", "stage"),
    "priority": ("priority",),
    "assignee": ("assignee", "assignees", "assigned_to", "owner"),
    "labels": ("labels", "label", "tags", "tag"),
    "created_by": ("created_by", "author", "reporter", "creator"),
    "created_at": ("created_at", "created", "created_date", "date"),
    "updated_at": ("updated_at", "updated", "updated_date"),
    "due_date": ("due_date", "due", "deadline"),
    "dependencies": ("blocked_by", "dependencies", "depends_on"),
    "parent": ("parent", "parent_id", "parent_task_id", "epic"),
    "links": ("links", "link", "url", "urls", "references"),
}
"""Our field to its names in other programs, in order of precedence."""
FIELD_BY_NAME = {name: field for field, names in FIELD_NAMES.items() for name in names}

_NUMBERED = re.compile(r".*[^0-9]([0-9]+)", re.ASCII | re.DOTALL)
_SEPARATORS = re.compile(r"\s*[,;\n]\s*")


def _parse_user(text: str) -> str | None:
    return conversion.parse_user_name(text.removeprefix("@"))


SINGLE_PARSERS: dict[str, Callable[[str], str | None]] = {
    "priority": conversion.parse_priority,
    "assignee": _parse_user,
    "created_by": _parse_user,
    "created_at": conversion.parse_time,
    "updated_at": conversion.parse_time,
    "due_date": conversion.parse_day,
}
LIST_PARSERS: dict[str, Callable[[list[str]], Any]] = {
    "labels": conversion.parse_labels,
    "links": conversion.parse_links,
}


def find_field(name: str) -> str | None:
    """Return our field for a name, ignoring case, spaces and dashes."""
    return FIELD_BY_NAME.get(_normalize_field_name(name))


def split_fields(values: Iterable[tuple[str, str | None, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split values into those with a field of ours and the others, by name. Each value comes with its name and field.

    Of several values for one field, the first non-blank one in the order of `FIELD_NAMES` is used.
    """
    known_fields: dict[str, Any] = {}
    other_fields: dict[str, Any] = {}
    for name, field, value in sorted(values, key=lambda entry: _name_rank(entry[0], entry[1])):
        if field is not None and field not in known_fields and (field == "dependencies" or not is_blank(value)):
            known_fields[field] = value
        elif not is_blank(value):
            other_fields[name] = value
    return known_fields, other_fields


def is_blank(value: Any) -> bool:
    """Whether a value is blank."""
    return conversion.is_empty(value) or (isinstance(value, str) and not value.strip())


def join_lines(value: Any) -> str:
    """Join a list of lines to a text; return a text unchanged."""
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def _name_rank(name: str, field: str | None) -> int:
    """Return a name's precedence among the names of its field; an explicitly mapped name comes first."""
    names = FIELD_NAMES.get(field or "", ())
    return names.index(_normalize_field_name(name)) if _normalize_field_name(name) in names else -1


def _normalize_field_name(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def build_ticket(
    source_id: str,
    values: Mapping[str, Any],
    other_fields: dict[str, Any],
    columns: Sequence[Column],
    *,
    default_author: str,
) -> dict[str, Any]:
    """Build a ticket from field values, each a text or a list of texts; `other_fields` have no field of ours.

    `dependencies` and `parent` stay names of the source: see `resolve_links`.
    """
    filled = {field: conversion.sanitize(value) for field, value in values.items() if not is_blank(value)}
    extra = conversion.sanitize({name: value for name, value in other_fields.items() if not is_blank(value)})
    single = {field: _first_value(value) for field, value in filled.items()}
    parsed: dict[str, Any] = {
        field: read(single[field]) if field in filled else None for field, read in SINGLE_PARSERS.items()
    }
    parsed |= {field: read(_split_values(filled.get(field))) for field, read in LIST_PARSERS.items()}
    unclear: dict[str, Any] = {}
    for field, value in parsed.items():
        entries = (
            _split_values(filled.get(field))
            if field in LIST_PARSERS or isinstance(filled.get(field), list)
            else [field]
        )
        parsed_count = len(value) if isinstance(value, list) else int(value is not None)
        if field in filled and parsed_count < len(entries):
            extra[field] = filled[field]
            if field in LIST_PARSERS or value is None:
                unclear[field] = filled[field]
    status = single.get("status")
    column = conversion.match_column(status, columns) if status else conversion.column_with_role("todo", columns)
    if status and (column is None or matching(column) != matching(status)):
        extra["status"] = status
    if status and column is None:
        unclear["status"] = status
    draft = conversion.draft_ticket(
        source_id,
        conversion.parse_text(single.get("title")),
        description=conversion.parse_text(join_lines(filled.get("description"))),
        acceptance_criteria=conversion.parse_text(join_lines(filled.get("acceptance_criteria"))),
        author=parsed["created_by"],
        created=parsed["created_at"],
        default_author=default_author,
        extra=extra,
    )
    stands = {
        "current_column": column or conversion.column_with_role("todo", columns),
        "status": conversion.state(status),
    }
    return {**parsed, **draft, **stands, "unclear": unclear}


def resolve_links(tickets: Sequence[tuple[dict[str, Any], Mapping[str, Any]]]) -> None:
    """Replace the names in each ticket's dependencies and parent by the source ids of the others.

    Each ticket comes with the values of its fields. Case is ignored; `3` means `task-3` unless another ticket is `3`.
    """
    sources = {ticket["source_id"].casefold(): ticket["source_id"] for ticket, _ in tickets}
    numbers = Counter(match[1] for name in sources if (match := _NUMBERED.fullmatch(name)))
    unique_numbers = {match[1]: sources[name] for name in sources if (match := _NUMBERED.fullmatch(name))}
    sources = {name: source for name, source in unique_numbers.items() if numbers[name] == 1} | sources
    for ticket, values in tickets:
        for field, target in (("dependencies", "blocked_by_sources"), ("parent", "parent_source")):
            if field not in values:
                continue
            names = _split_values(conversion.sanitize(values[field]))
            references = (conversion.parse_reference(sources.get(name.casefold(), name)) for name in names)
            other_ids = list(dict.fromkeys(source for source in references if source and source != ticket["source_id"]))
            if len(other_ids) < len(names):
                ticket["extra"][field] = names
            if field == "dependencies":
                ticket[target] = other_ids
            elif other_ids:
                ticket[target] = other_ids[0]


def _first_value(value: Any) -> str:
    return next(iter(value), "") if isinstance(value, list) else str(value)


def _split_values(value: Any) -> list[str]:
    entries: Iterable[str] = value if isinstance(value, list) else _SEPARATORS.split(value or "")
    return [entry.strip() for entry in entries if entry.strip()]
