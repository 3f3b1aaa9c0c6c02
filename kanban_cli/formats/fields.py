"""Fields of front matter and tables: other programs' names for ours, and the values of one item by field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from kanban_cli.formats.item import Item
from kanban_cli.formats.values import is_blank

FIELD_NAMES = {
    "id": ("source_id", "id", "key", "issue_key", "number"),
    "title": ("title", "summary", "name", "task", "subject"),
    "description": ("description", "body", "details", "notes", "issue_description"),
    "acceptance_criteria": ("acceptance_criteria", "criteria", "definition_of_done"),
    "status": ("current_column", "column", "status", "state", "list", "stage"),
    "priority": ("priority",),
    "assignee": ("assignee", "assignees", "assigned_to", "owner"),
    "labels": ("labels", "label", "tags", "tag"),
    "created_by": ("created_by", "author", "reporter", "creator"),
    "created_at": ("created_at", "created", "created_date", "date"),
    "updated_at": ("updated_at", "updated", "updated_date"),
    "finished_at": ("finished_at", "column_entered_at", "completed", "completed_at", "resolved", "closed_at"),
    "due_date": ("due_date", "due", "deadline"),
    "not_before": ("not_before", "defer_until"),
    "needs": ("needs", "requires", "capabilities"),
    "dependencies": ("blocked_by", "dependencies", "depends_on"),
    "parent": ("parent", "parent_id", "parent_task_id", "epic"),
    "links": ("links", "link", "url", "urls", "references"),
    "comments": ("comment", "comments"),
}
"""Our field to its names in other programs, in order of precedence."""
FIELD_BY_NAME = {name: field for field, names in FIELD_NAMES.items() for name in names}
LIST_FIELDS = frozenset({"labels", "links", "needs", "dependencies"})
"""Fields whose text holds several values, between commas, semicolons or line breaks."""
TEXT_FIELDS = frozenset({"description", "acceptance_criteria"})
"""Fields whose lists are lines."""
DATE_FIELDS = frozenset({"created_at", "updated_at", "finished_at", "due_date", "not_before"})

_SEPARATORS = re.compile(r"\s*[,;\n]\s*")

Values = Mapping[str, object]
"""The values of an item by our fields, each a text or a list of texts."""


def find_field(name: str) -> str | None:
    """Return our field for a name, ignoring case, spaces and dashes."""
    return FIELD_BY_NAME.get(normalize_name(name))


@lru_cache(maxsize=1024)
def normalize_name(name: str) -> str:
    """Return a name without case, and with `_` for spaces and dashes."""
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def split_fields(values: Iterable[tuple[str, str | None, object]]) -> tuple[dict[str, object], dict[str, object]]:
    """Split values into those with a field of ours and the others, by name. Each value comes with its name and field.

    Of several values for one field, the first non-blank one in the order of `FIELD_NAMES` is used.
    """
    known_fields: dict[str, object] = {}
    other_fields: dict[str, object] = {}
    for name, field, value in sorted(values, key=lambda entry: _name_rank(entry[0], entry[1])):
        is_empty = is_blank(value)
        if field is not None and field not in known_fields and (field == "dependencies" or not is_empty):
            known_fields[field] = value
        elif not is_empty:
            other_fields[name] = value
    return known_fields, other_fields


@lru_cache(maxsize=1024)
def _name_rank(name: str, field: str | None) -> int:
    """Return a name's precedence among the names of its field; an explicitly mapped name comes first."""
    names = FIELD_NAMES.get(field or "", ())
    normalized = normalize_name(name)
    return names.index(normalized) if normalized in names else -1


def build_item(source_id: object, values: Values, other_fields: Mapping[str, object]) -> Item:
    """Build an item from its values; `other_fields` have no field of ours."""
    extra = dict(other_fields)
    if not is_blank(values.get("comments")):
        extra["comments"] = values["comments"]
    return Item(
        id=source_id,
        title=first_value(values.get("title")),
        description=join_lines(values.get("description")),
        criteria=join_lines(values.get("acceptance_criteria")),
        status=first_value(values.get("status")) or None,
        priority=first_value(values.get("priority")),
        assignees=_people(values.get("assignee")),
        labels=split_values(values.get("labels")),
        author=first_value(values.get("created_by")),
        created=first_value(values.get("created_at")),
        updated=first_value(values.get("updated_at")),
        finished=first_value(values.get("finished_at")),
        due=first_value(values.get("due_date")),
        not_before=first_value(values.get("not_before")),
        needs=split_values(values.get("needs")),
        links=split_values(values.get("links")),
        blocked_by=split_values(values["dependencies"]) if "dependencies" in values else None,
        parent=first_value(values.get("parent")),
        extra=extra,
    )


def _people(value: object) -> list[object]:
    return [*value] if isinstance(value, list) else [value]


def join_lines(value: object) -> str:
    """Join a list of lines to a text; return a text unchanged."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def first_value(value: object) -> str:
    """Return a text, or the first of a list of texts."""
    if isinstance(value, list):
        return str(next(iter(value), ""))
    return "" if value is None else str(value)


def split_values(value: object) -> Sequence[str]:
    """Return a list of texts, or the values in a text."""
    entries = [str(entry) for entry in value] if isinstance(value, list) else _SEPARATORS.split(str(value or ""))
    return [entry.strip() for entry in entries if entry.strip()]
