"""Vibe Kanban: the tasks that a local server lists (`GET /api/tasks`), and the issues of a project of its cloud."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers import boards

DEFAULT_AUTHOR = "vibe-kanban"
PLAIN_STATUSES = frozenset({"todo", "inprogress", "done"})
TASK_FIELDS = frozenset(
    {
        "id",
        "project_id",
        "title",
        "description",
        "status",
        "created_at",
        "updated_at",
        "parent_task_id",
        "shared_task_id",
    }
    | {"has_in_progress_attempt", "last_attempt_failed", "executor", "parent_workspace_id", "has_merged_attempt"}
)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks or the issues. Raises ParseError."""
    document = object_of(source.document)
    if isinstance(document.get("issues"), list):
        yield from _read_issues(document)
        return
    tasks = objects(source.document) or objects(document.get("data")) or objects(document.get("tasks"))
    for number, task in enumerate(tasks):
        status = json_values.text(task.get("status"))
        parent = task.get("parent_task_id")
        yield Item(
            id=f"vibe-kanban:{task.get('id')}",
            title=task.get("title"),
            description=task.get("description"),
            status=status,
            keep_status=status not in PLAIN_STATUSES,
            created=task.get("created_at"),
            updated=task.get("updated_at"),
            parent=f"vibe-kanban:{parent}" if parent else None,
            extra=json_values.without(task, TASK_FIELDS),
            place=f"data[{number}]",
        )


def _read_issues(document: JsonObject) -> Iterator[Item]:
    columns = {str(one.get("id")): name_of(one, "name") for one in objects(document.get("project_statuses"))}
    tags = {str(one.get("id")): name_of(one, "name") for one in objects(document.get("tags"))}
    users = {
        str(one.get("user_id") or one.get("id")): name_of(one, "username", "first_name", "email")
        for one in objects(document.get("users"))
    }
    issue_tags = boards.group_by(objects(document.get("issue_tags")), "issue_id")
    assignees = boards.group_by(objects(document.get("issue_assignees")), "issue_id")
    comments = boards.group_by(objects(document.get("issue_comments")), "issue_id")
    pull_requests = boards.group_by(objects(document.get("pull_requests")), "issue_id")
    blockers: dict[str, list[str]] = {}
    for relation in objects(document.get("issue_relationships")):
        if relation.get("relationship_type") == "blocking":
            blockers.setdefault(str(relation.get("related_issue_id")), []).append(_source_id(relation.get("issue_id")))
    for number, issue in enumerate(objects(document["issues"])):
        id = str(issue.get("id"))
        yield Item(
            id=_source_id(id),
            title=issue.get("title"),
            description=issue.get("description"),
            status=columns.get(str(issue.get("status_id"))),
            meaning="done" if issue.get("completed_at") else None,
            priority=issue.get("priority"),
            assignees=[users.get(str(one.get("user_id"))) or one.get("user_id") for one in assignees.get(id, [])],
            labels=[tags.get(str(one.get("tag_id"))) for one in issue_tags.get(id, [])],
            created=issue.get("created_at"),
            updated=issue.get("updated_at"),
            finished=issue.get("completed_at"),
            due=issue.get("target_date"),
            links=[one.get("url") for one in pull_requests.get(id, [])],
            comments=[_comment(one, users) for one in comments.get(id, []) if json_values.text(one.get("message"))],
            blocked_by=blockers.get(id, []),
            parent=_source_id(issue["parent_issue_id"]) if issue.get("parent_issue_id") else None,
            extra={name: issue[name] for name in ("start_date", "simple_id") if issue.get(name)},
            aliases=[str(issue["simple_id"])] if issue.get("simple_id") else [],
            place=f"issues[{number}]",
        )


def _source_id(id: object) -> str:
    return f"vibe-kanban:{id}"


def _comment(comment: JsonObject, users: dict[str, str | None]) -> Comment:
    return {
        "text": str(comment["message"]),
        "author": users.get(str(comment.get("author_id"))),
        "created_at": comment.get("created_at"),
    }
