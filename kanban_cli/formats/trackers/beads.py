"""The beads export: one issue per line."""

from collections.abc import Iterator

from kanban_cli.formats import json_values, statuses
from kanban_cli.formats.item import Comment, Item, Meaning, ReadOptions
from kanban_cli.formats.json_values import JsonObject, list_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.values import is_blank, parse_labels

MEANINGS: dict[str, Meaning] = {
    "open": "todo",
    "in_progress": "working",
    "hooked": "working",
    "blocked": "waiting",
    "deferred": "waiting",
    "pinned": "waiting",
    "closed": "done",
    "done": "done",
}
"""Status of an issue to its meaning. A `tombstone` is an issue that was deleted there, and is skipped."""
PLAIN_STATUSES = frozenset({"open", "closed", "in_progress"})
"""Statuses that a column represents completely."""
MAPPED_FIELDS = frozenset(
    {"_type", "id", "title", "description", "acceptance_criteria", "status", "priority", "created_at", "updated_at"}
    | {"created_by", "assignee", "labels", "issue_type", "comments"}
)
"""Fields that the ticket's own fields hold; all others are kept in `extra`."""
COUNT_FIELDS = frozenset({"dependency_count", "dependent_count", "comment_count"})
"""Fields that only count other fields."""
DEFAULT_AUTHOR = "beads"


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the issues of an export. Lines of other types, and deleted issues, are counted. Raises ParseError."""
    for line, issue in json_values.read_lines(source):
        kind = issue.get("_type", "issue")
        if kind != "issue":
            options.skipped[f"lines of type {kind}"] += 1
        elif issue.get("status") == "tombstone":
            options.skipped["issues deleted there"] += 1
        elif not isinstance(issue.get("id"), str):
            raise source.error(line, "the issue has no `id`")
        else:
            item = _build_item(issue)
            item.line = line
            yield item


def _build_item(issue: JsonObject) -> Item:
    status = json_values.text(issue.get("status")) or issue.get("status")
    word = str(status)
    meaning = MEANINGS.get(word)
    labels = [issue.get("issue_type"), *list_of(issue.get("labels"))]
    extra = json_values.without(issue, MAPPED_FIELDS | COUNT_FIELDS)
    comments = _parse_comments(issue.get("comments"))
    if not is_blank(issue.get("labels")) and len(parse_labels(labels)) < len(labels):
        extra["labels"] = issue["labels"]
    if comments is None and not is_blank(issue.get("comments")):
        extra["comments"] = issue["comments"]
    assignee, author = issue.get("assignee"), issue.get("created_by")
    priority = issue.get("priority")
    is_number = isinstance(priority, int) and not isinstance(priority, bool)
    return Item(
        id=issue["id"],
        title=issue.get("title"),
        description=issue.get("description"),
        criteria=issue.get("acceptance_criteria"),
        status=status,
        meaning=meaning,
        keep_status=word not in PLAIN_STATUSES,
        priority=(statuses.parse_numeric_priority(str(priority)) if is_number else None) or priority,
        assignees=[assignee],
        labels=labels,
        author=author,
        created=issue.get("created_at"),
        updated=issue.get("updated_at"),
        finished=issue.get("closed_at") if meaning == "done" else None,
        comments=comments or (),
        blocked_by=_dependency_ids(issue, "blocks"),
        parent=next(iter(_dependency_ids(issue, "parent-child")), None) or issue.get("parent"),
        extra=extra,
    )


def _parse_comments(value: object) -> list[Comment] | None:
    """Return the comments if all are valid; else None."""
    comments = objects(value)
    if not isinstance(value, list) or len(comments) < len(value):
        return None
    if not all(json_values.text(comment.get("text")) for comment in comments):
        return None
    return [
        {"text": str(comment["text"]), "author": comment.get("author"), "created_at": comment.get("created_at")}
        for comment in comments
    ]


def _dependency_ids(issue: JsonObject, kind: str) -> list[object]:
    """Return the ids of the issues that a dependency of this kind names."""
    dependencies = objects(issue.get("dependencies"))
    return [item["depends_on_id"] for item in dependencies if item.get("type") == kind and item.get("depends_on_id")]
