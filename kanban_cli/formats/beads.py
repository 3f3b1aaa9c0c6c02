"""A beads export: one issue a line."""

from collections.abc import Iterator, Sequence
from typing import Any

from kanban_cli.formats import jsonlines, parts
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

WORKING = frozenset({"in_progress", "hooked"})
STATUSES = WORKING | {"open", "closed", "blocked", "deferred", "pinned", "tombstone"}
"""All that an issue can be."""
READ = frozenset(
    {"id", "title", "description", "acceptance_criteria", "status", "priority", "created_at", "updated_at"}
)
"""Fields that are fully told by the ticket's own; all others stand in `extra`."""
COUNTED = frozenset({"dependency_count", "dependent_count", "comment_count"})
"""Fields that only count what stands elsewhere."""
NOBODY = "beads"


def tickets(file: str, data: bytes, columns: Sequence[Column]) -> Iterator[parts.Found]:
    """The issues of an export as tickets for a board with these columns. Raises Unreadable."""
    return jsonlines.lines(file, data, lambda issue: ticket(issue, columns))


def ticket(issue: dict[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """One issue as a ticket. Raises ValueError where it has no id."""
    issue = parts.clean(issue)
    if not isinstance(issue.get("id"), str):
        raise ValueError("the issue has no `id`")
    source = parts.source(issue["id"], "`id`")
    extra = {name: value for name, value in issue.items() if name not in READ | COUNTED and value not in (None, "")}
    created, updated, closed = (_time(issue, name, extra) for name in ("created_at", "updated_at", "closed_at"))
    told = issue.get("comments")
    comments: list[dict[str, Any]] = []
    if isinstance(told, list) and all(isinstance(one, dict) and parts.text(one.get("text")) for one in told):
        extra.pop("comments")
        comments = [{**one, "created_at": parts.time(one.get("created_at"))} for one in told]
    status = str(issue.get("status"))
    if status not in {"open", "closed", "in_progress"}:
        extra["status"] = status
    drafted = parts.draft(
        source,
        parts.text(issue.get("title")),
        description=parts.text(issue.get("description")),
        acceptance_criteria=parts.text(issue.get("acceptance_criteria")),
        author=parts.name(issue.get("created_by")),
        created=created,
        comments=comments,
        nobody=NOBODY,
        extra=extra,
    )
    people = {field: issue.get(field) for field in ("assignee", "created_by")}
    unclear = {field: value for field, value in people.items() if value and parts.name(value) is None}
    dates = {"created_at": created, "updated_at": updated, "closed_at": closed}
    unclear |= {field: issue[field] for field, value in dates.items() if value is None and issue.get(field)}
    priority = _priority(issue.get("priority"), extra)
    unclear |= {"priority": issue["priority"]} if "priority" in extra else {}
    unclear |= {} if status in STATUSES else {"status": status}
    return {
        **drafted,
        "unclear": unclear,
        "current_column": column(status, columns),
        "status": parts.state(status),
        "priority": priority,
        "assignee": parts.name(issue.get("assignee")),
        "labels": _labels(issue),
        "updated_at": updated,
        "column_entered_at": closed if status == "closed" else None,
        "extra": _without_told(extra, issue),
        "blocked_by_sources": _linked(issue, "blocks"),
        "parent_source": next(iter(_linked(issue, "parent-child")), None) or parts.reference(issue.get("parent")),
    }


def column(status: str, columns: Sequence[Column]) -> str:
    """Where an issue of this status stands: done, in work, or at the beginning."""
    return parts.column_for({"closed": "done"}.get(status, "working" if status in WORKING else "todo"), columns)


def _without_told(extra: dict[str, Any], issue: dict[str, Any]) -> dict[str, Any]:
    """The extra fields without those that the ticket says in the same words."""
    told = {name for name in ("assignee", "created_by") if parts.name(issue.get(name)) == issue.get(name)}
    labels = _labels(issue)
    told |= {"issue_type"} if issue.get("issue_type") in labels else set()
    listed = issue.get("labels")
    told |= {"labels"} if isinstance(listed, list) and all(label in labels for label in listed) else set()
    return {name: value for name, value in extra.items() if name not in told}


def _linked(issue: dict[str, Any], kind: str) -> list[str]:
    """The issues that a dependency of this kind names."""
    told = issue.get("dependencies")
    named = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    sources = (parts.reference(one.get("depends_on_id")) for one in named if one.get("type") == kind)
    return list(dict.fromkeys(source for source in sources if source))[: limits.BLOCKERS]


def _priority(value: Any, extra: dict[str, Any]) -> str | None:
    kept = parts.rank(str(value)) if isinstance(value, int) and not isinstance(value, bool) else None
    if kept is None and value is not None:
        extra["priority"] = value
    return kept


def _labels(issue: dict[str, Any]) -> list[str]:
    listed = issue.get("labels")
    return parts.labels([issue.get("issue_type"), *(listed if isinstance(listed, list) else [])])


def _time(issue: dict[str, Any], field: str, extra: dict[str, Any]) -> str | None:
    value = issue.get(field)
    kept = parts.time(value)
    if kept is None and value:
        extra[field] = value
    return kept
