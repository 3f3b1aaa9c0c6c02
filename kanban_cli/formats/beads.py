"""The beads export: one issue per line."""

from collections.abc import Iterator, Sequence
from typing import Any

from kanban_cli.formats import conversion, json_objects
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

WORKING_STATUSES = frozenset({"in_progress", "hooked"})
STATUSES = WORKING_STATUSES | {"open", "closed", "blocked", "deferred", "pinned", "tombstone"}
"""All statuses of an issue."""
MAPPED_FIELDS = frozenset(
    {"id", "title", "description", "acceptance_criteria", "status", "priority", "created_at", "updated_at"}
)
"""Fields that the ticket's own fields hold completely; all others are kept in `extra`."""
COUNT_FIELDS = frozenset({"dependency_count", "dependent_count", "comment_count"})
"""Fields that only count other fields."""
DEFAULT_AUTHOR = "beads"


def parse_tickets(file: str, data: bytes, columns: Sequence[Column]) -> Iterator[conversion.ParsedTicket]:
    """Parse the issues of an export as tickets for a board with these columns. Raises ParseError."""
    return json_objects.parse_lines(file, data, lambda issue: build_ticket(issue, columns))


def build_ticket(issue: dict[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """Convert an issue to a ticket. Raises ValueError if it has no id."""
    issue = conversion.sanitize(issue)
    if not isinstance(issue.get("id"), str):
        raise ValueError("the issue has no `id`")
    source_id = conversion.parse_source_id(issue["id"], "`id`")
    extra = {
        name: value
        for name, value in issue.items()
        if name not in MAPPED_FIELDS | COUNT_FIELDS and value not in (None, "")
    }
    created, updated, closed = (_parse_time(issue, name, extra) for name in ("created_at", "updated_at", "closed_at"))
    issue_comments = issue.get("comments")
    comments: list[dict[str, Any]] = []
    if isinstance(issue_comments, list) and all(
        isinstance(item, dict) and conversion.parse_text(item.get("text")) for item in issue_comments
    ):
        extra.pop("comments")
        comments = [{**item, "created_at": conversion.parse_time(item.get("created_at"))} for item in issue_comments]
    status = str(issue.get("status"))
    if status not in {"open", "closed", "in_progress"}:
        extra["status"] = status
    draft = conversion.draft_ticket(
        source_id,
        conversion.parse_text(issue.get("title")),
        description=conversion.parse_text(issue.get("description")),
        acceptance_criteria=conversion.parse_text(issue.get("acceptance_criteria")),
        author=conversion.parse_user_name(issue.get("created_by")),
        created=created,
        comments=comments,
        default_author=DEFAULT_AUTHOR,
        extra=extra,
    )
    people = {field: issue.get(field) for field in ("assignee", "created_by")}
    unclear = {field: value for field, value in people.items() if value and conversion.parse_user_name(value) is None}
    dates = {"created_at": created, "updated_at": updated, "closed_at": closed}
    unclear |= {field: issue[field] for field, value in dates.items() if value is None and issue.get(field)}
    priority = _parse_priority(issue.get("priority"), extra)
    unclear |= {"priority": issue["priority"]} if "priority" in extra else {}
    unclear |= {} if status in STATUSES else {"status": status}
    return {
        **draft,
        "unclear": unclear,
        "current_column": column_for_status(status, columns),
        "status": conversion.state(status),
        "priority": priority,
        "assignee": conversion.parse_user_name(issue.get("assignee")),
        "labels": _parse_labels(issue),
        "updated_at": updated,
        "column_entered_at": closed if status == "closed" else None,
        "extra": _without_duplicates(extra, issue),
        "blocked_by_sources": _dependency_ids(issue, "blocks"),
        "parent_source": next(iter(_dependency_ids(issue, "parent-child")), None)
        or conversion.parse_reference(issue.get("parent")),
    }


def column_for_status(status: str, columns: Sequence[Column]) -> str:
    """Return the column for a status: done, in work, or the first."""
    return conversion.column_with_role(
        {"closed": "done"}.get(status, "working" if status in WORKING_STATUSES else "todo"), columns
    )


def _without_duplicates(extra: dict[str, Any], issue: dict[str, Any]) -> dict[str, Any]:
    """Drop the extra fields that the ticket already has with the same text."""
    duplicates = {
        name for name in ("assignee", "created_by") if conversion.parse_user_name(issue.get(name)) == issue.get(name)
    }
    labels = _parse_labels(issue)
    duplicates |= {"issue_type"} if issue.get("issue_type") in labels else set()
    issue_labels = issue.get("labels")
    duplicates |= (
        {"labels"} if isinstance(issue_labels, list) and all(label in labels for label in issue_labels) else set()
    )
    return {name: value for name, value in extra.items() if name not in duplicates}


def _dependency_ids(issue: dict[str, Any], kind: str) -> list[str]:
    """Return the ids of the issues that a dependency of this kind names."""
    dependencies = issue.get("dependencies")
    valid_dependencies = (
        [item for item in dependencies if isinstance(item, dict)] if isinstance(dependencies, list) else []
    )
    sources = (
        conversion.parse_reference(item.get("depends_on_id")) for item in valid_dependencies if item.get("type") == kind
    )
    return list(dict.fromkeys(source for source in sources if source))[: limits.BLOCKERS]


def _parse_priority(value: Any, extra: dict[str, Any]) -> str | None:
    priority = (
        conversion.parse_numeric_priority(str(value))
        if isinstance(value, int) and not isinstance(value, bool)
        else None
    )
    if priority is None and value is not None:
        extra["priority"] = value
    return priority


def _parse_labels(issue: dict[str, Any]) -> list[str]:
    issue_labels = issue.get("labels")
    return conversion.parse_labels([issue.get("issue_type"), *(issue_labels if isinstance(issue_labels, list) else [])])


def _parse_time(issue: dict[str, Any], field: str, extra: dict[str, Any]) -> str | None:
    value = issue.get(field)
    time = conversion.parse_time(value)
    if time is None and value:
        extra[field] = value
    return time
