"""GitLab's issues: what its API lists, and `issues.ndjson` of a project export."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, list_of, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.tables.gitlab_table import project_path

DEFAULT_AUTHOR = "gitlab"
MAPPED_FIELDS = frozenset(
    {"iid", "title", "description", "state", "labels", "label_links", "assignees", "assignee", "author", "created_at"}
    | {"updated_at", "closed_at", "due_date", "web_url", "notes", "milestone"}
)
NOISE_FIELDS = frozenset(
    {"id", "_links", "references", "user_notes_count", "upvotes", "downvotes", "subscribed", "task_completion_status"}
    | {"project_id", "author_id", "has_tasks", "task_status", "blocking_issues_count", "merge_requests_count", "links"}
    | {"moved_to_id", "service_desk_reply_to", "imported", "imported_from", "relative_position", "lock_version"}
    | {
        "updated_by_id",
        "last_edited_at",
        "last_edited_by_id",
        "state_id",
        "namespace_id",
        "external_key",
        "discussion_locked",
    }
    | {"closed_by", "issue_type", "type", "time_estimate", "closed_by_id", "severity", "confidential", "time_stats"}
)
"""Fields that are counts, ids and settings of GitLab's."""


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the issues of a file. Merge requests are counted. Raises ParseError."""
    for line, issue in json_values.read_objects(source):
        if "source_branch" in issue and "target_branch" in issue:
            options.skipped["merge requests"] += 1
            continue
        if not isinstance(issue.get("iid"), int) or isinstance(issue.get("iid"), bool):
            raise source.error(line, "the issue has no `iid`")
        item = _build_item(issue)
        item.line = line
        yield item


def _build_item(issue: JsonObject) -> Item:
    address = json_values.text(issue.get("web_url"))
    is_closed = issue.get("state") == "closed"
    milestone = object_of(issue.get("milestone"))
    labels = [name_of(label, "name", "title") for label in list_of(issue.get("labels"))]
    labels += [name_of(object_of(link.get("label")), "title") for link in objects(issue.get("label_links"))]
    people = [
        name_of(person, "username", "name") for person in list_of(issue.get("assignees")) or [issue.get("assignee")]
    ]
    extra = {name: value for name, value in json_values.without(issue, MAPPED_FIELDS | NOISE_FIELDS).items() if value}
    if name := name_of(milestone, "title"):
        extra["milestone"] = name
    if issue.get("confidential") is True:
        extra["confidential"] = True
    return Item(
        id=f"{(project_path(address) if address else None) or ''}#{issue['iid']}",
        title=issue.get("title"),
        description=issue.get("description"),
        status="closed" if is_closed else "open",
        keep_status=False,
        assignees=people,
        labels=labels,
        author=name_of(issue.get("author"), "username", "name"),
        created=issue.get("created_at"),
        updated=issue.get("updated_at"),
        finished=issue.get("closed_at") if is_closed else None,
        due=issue.get("due_date") or milestone.get("due_date"),
        links=[address],
        comments=[_comment(note) for note in objects(issue.get("notes")) if not note.get("system")],
        extra=extra,
    )


def _comment(note: JsonObject) -> Comment:
    return {
        "text": str(note.get("note") or note.get("body") or ""),
        "author": name_of(note.get("author"), "username", "name"),
        "created_at": note.get("created_at"),
    }
