"""Fields by name, as front matter and tables have them, read as a ticket's fields: what others call them, and mean."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kanban_cli.formats import parts
from kanban_sdk.wire.boards import Column, matching

NAMES = {
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
"""Field of ours to what others call it, the one that counts first where there are several."""
KNOWN = {name: field for field, names in NAMES.items() for name in names}

_NUMBERED = re.compile(r".*[^0-9]([0-9]+)", re.ASCII | re.DOTALL)
_SEPARATORS = re.compile(r"\s*[,;\n]\s*")


def _user(text: str) -> str | None:
    return parts.name(text.removeprefix("@"))


SINGLE: dict[str, Callable[[str], str | None]] = {
    "priority": parts.priority,
    "assignee": _user,
    "created_by": _user,
    "created_at": parts.time,
    "updated_at": parts.time,
    "due_date": parts.day,
}
SEVERAL: dict[str, Callable[[list[str]], Any]] = {"labels": parts.labels, "links": parts.links}


def known(name: str) -> str | None:
    """The field of ours that a name means: case, spaces and dashes aside."""
    return KNOWN.get(_plain(name))


def sorted_out(values: Iterable[tuple[str, str | None, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by the field that they mean, and the others by their own names. Each comes with its name and its field.

    Of several for one field, the first in the order of `NAMES` that says something counts.
    """
    told: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, field, value in sorted(values, key=lambda one: _rank(one[0], one[1])):
        if field is not None and field not in told and (field == "dependencies" or not blank(value)):
            told[field] = value
        elif not blank(value):
            rest[name] = value
    return told, rest


def blank(value: Any) -> bool:
    """Whether a value says nothing."""
    return parts.unsaid(value) or (isinstance(value, str) and not value.strip())


def joined(value: Any) -> str:
    """A text, or a list of lines, as a text."""
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def _rank(name: str, field: str | None) -> int:
    """Where a name stands among the names of its field; one that was said to mean it comes first."""
    names = NAMES.get(field or "", ())
    return names.index(_plain(name)) if _plain(name) in names else -1


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def ticket(
    source: str, values: Mapping[str, Any], others: dict[str, Any], columns: Sequence[Column], *, nobody: str
) -> dict[str, Any]:
    """A ticket of the values of its fields, each a text or a list of texts; `others` have no field of ours.

    `dependencies` and `parent` stay names of that place: see `linked`.
    """
    said = {field: parts.clean(value) for field, value in values.items() if not blank(value)}
    extra = parts.clean({name: value for name, value in others.items() if not blank(value)})
    single = {field: _first(value) for field, value in said.items()}
    kept: dict[str, Any] = {field: read(single[field]) if field in said else None for field, read in SINGLE.items()}
    kept |= {field: read(_several(said.get(field))) for field, read in SEVERAL.items()}
    unclear: dict[str, Any] = {}
    for field, value in kept.items():
        named = _several(said.get(field)) if field in SEVERAL or isinstance(said.get(field), list) else [field]
        fits = len(value) if isinstance(value, list) else int(value is not None)
        if field in said and fits < len(named):
            extra[field] = said[field]
            if field in SEVERAL or value is None:
                unclear[field] = said[field]
    status = single.get("status")
    column = parts.column(status, columns) if status else parts.column_for("todo", columns)
    if status and (column is None or matching(column) != matching(status)):
        extra["status"] = status
    if status and column is None:
        unclear["status"] = status
    drafted = parts.draft(
        source,
        parts.text(single.get("title")),
        description=parts.text(joined(said.get("description"))),
        acceptance_criteria=parts.text(joined(said.get("acceptance_criteria"))),
        author=kept["created_by"],
        created=kept["created_at"],
        nobody=nobody,
        extra=extra,
    )
    stands = {"current_column": column or parts.column_for("todo", columns), "status": parts.state(status)}
    return {**kept, **drafted, **stands, "unclear": unclear}


def linked(found: Sequence[tuple[dict[str, Any], Mapping[str, Any]]]) -> None:
    """Say what each ticket waits for and is part of, by the source ids of the others.

    Each ticket comes with the values of its fields. Case does not matter; `3` means `task-3`, where nothing else is 3.
    """
    sources = {ticket["source_id"].casefold(): ticket["source_id"] for ticket, _ in found}
    numbers = Counter(match[1] for name in sources if (match := _NUMBERED.fullmatch(name)))
    short = {match[1]: sources[name] for name in sources if (match := _NUMBERED.fullmatch(name))}
    sources = {name: source for name, source in short.items() if numbers[name] == 1} | sources
    for ticket, values in found:
        for field, target in (("dependencies", "blocked_by_sources"), ("parent", "parent_source")):
            if field not in values:
                continue
            named = _several(parts.clean(values[field]))
            meant = (parts.reference(sources.get(name.casefold(), name)) for name in named)
            others = list(dict.fromkeys(source for source in meant if source and source != ticket["source_id"]))
            if len(others) < len(named):
                ticket["extra"][field] = named
            if field == "dependencies":
                ticket[target] = others
            elif others:
                ticket[target] = others[0]


def _first(value: Any) -> str:
    return next(iter(value), "") if isinstance(value, list) else str(value)


def _several(value: Any) -> list[str]:
    parted: Iterable[str] = value if isinstance(value, list) else _SEPARATORS.split(value or "")
    return [one.strip() for one in parted if one.strip()]
