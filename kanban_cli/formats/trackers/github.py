"""GitHub issues, in the format of `gh issue list --json …` and of the REST API."""

import re
from collections.abc import Iterator

from kanban_cli.formats import json_values, statuses
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.values import parse_labels, parse_user_name

MAPPED_FIELDS = frozenset({"id", "number", "title", "body", "closed", "url", "comments", "author", "createdAt"})
"""Fields that the ticket's own fields hold completely."""
REST_FIELDS = frozenset(
    {"html_url", "repository_url", "labels_url", "comments_url", "events_url", "timeline_url", "node_id", "user"}
    | {"created_at", "updated_at", "closed_at", "state_reason", "reactions", "performed_via_github_app", "locked"}
    | {"author_association", "assignee", "sub_issues_summary", "issue_dependencies_summary", "score"}
)
"""Fields of the REST API that are mapped, or say nothing about the issue itself."""
DEFAULT_AUTHOR = "github"
_ADDRESS = re.compile(
    r"https?://(?:api\.)?[^/\s]+/(?:api/v3/)?(?:repos/)?([^/\s]+/[^/\s]+)/(?:issues|pull|pulls)/[0-9]+", re.ASCII
)
_PRIORITY = re.compile(r"(?:prio(?:rity)?[ :/_-]*)?(p?[0-4]|[a-z]+)|([a-z]+)[ _-]priority", re.IGNORECASE)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the issues of a file. Pull requests are counted. Raises ParseError."""
    for line, issue in json_values.read_objects(source):
        if issue.get("pull_request"):
            options.skipped["pull requests"] += 1
            continue
        number = issue.get("number")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise source.error(line, "the issue has no `number`: ask for --json number,title,body,state,url")
        item = _build_item(issue, number)
        item.line = line
        yield item


def _build_item(issue: JsonObject, number: int) -> Item:
    url = json_values.text(issue.get("html_url")) or issue.get("url")
    address = _ADDRESS.fullmatch(url) if isinstance(url, str) else None
    repository = address[1] if address else None
    labels = [name_of(label, "name") for label in _entries(issue.get("labels"))]
    people = [name_of(person, "login") for person in _entries(issue.get("assignees")) or [issue.get("assignee")]]
    author = issue.get("author") or issue.get("user")
    created, updated, closed_at = (
        issue.get(name) or issue.get(rest)
        for name, rest in (("createdAt", "created_at"), ("updatedAt", "updated_at"), ("closedAt", "closed_at"))
    )
    is_closed = str(issue.get("state", "")).upper() == "CLOSED" or issue.get("closed") is True
    comments = _parse_comments(issue.get("comments"))
    pull_requests = [item.get("url") for item in objects(issue.get("closedByPullRequestsReferences"))]
    reason = str(issue.get("stateReason") or issue.get("state_reason") or "")
    drop = MAPPED_FIELDS | REST_FIELDS | {"updatedAt", "closedAt", "stateReason", "state", "assignees", "labels"}
    extra = json_values.without(issue, frozenset(drop))
    if len([name for name in people if name]) > 1 and not isinstance(issue.get("assignee"), dict):
        extra["assignees"] = issue["assignees"]
    elif len([name for name in people if name]) > 1:
        extra["assignees"] = people
    if reason.upper() not in {"", "COMPLETED", "REOPENED"}:
        extra["stateReason"] = reason
    if str(issue.get("state", "")).upper() not in {"OPEN", "CLOSED", ""}:
        extra["state"] = issue["state"]
    if comments is None and isinstance(issue.get("comments"), list):
        extra["comments"] = issue["comments"]
    return Item(
        id=f"{repository or ''}#{number}",
        title=issue.get("title"),
        description=issue.get("body"),
        status="closed" if is_closed else "open",
        keep_status=False,
        column=None if is_closed else _project_status(issue),
        priority=next(filter(None, map(_parse_priority, parse_labels(labels))), None),
        assignees=[next(filter(parse_user_name, people), next(filter(None, people), None))],
        labels=labels,
        author=name_of(author, "login") or author or None,
        created=created,
        updated=updated,
        finished=closed_at if is_closed else None,
        due=object_of(issue.get("milestone")).get("dueOn") or object_of(issue.get("milestone")).get("due_on"),
        links=[url, *pull_requests],
        comments=comments or (),
        extra=extra,
        former_ids=[f"#{number}"] if repository and issue.get("html_url") else [],
    )


def _entries(value: object) -> list[object]:
    return [*json_values.list_of(value)]


def _project_status(issue: JsonObject) -> str | None:
    """Return the issue's status in its first project that has one."""
    statuses = (name_of(item.get("status"), "name") for item in objects(issue.get("projectItems")))
    return next(filter(None, statuses), None)


def _parse_comments(value: object) -> list[Comment] | None:
    """Return the comments if the export has them and all are valid; else None."""
    comments = objects(value)
    if not isinstance(value, list) or len(comments) < len(value):
        return None
    if not all(json_values.text(comment.get("body")) for comment in comments):
        return None
    return [
        {
            "text": str(comment["body"]),
            "author": name_of(comment.get("author") or comment.get("user"), "login"),
            "created_at": comment.get("createdAt") or comment.get("created_at"),
        }
        for comment in comments
    ]


def _parse_priority(label: str) -> str | None:
    """Return the priority in a label such as `P1`, `priority: high` or `high-priority`; None if it has none."""
    match = _PRIORITY.fullmatch(label)
    if match is None or not re.search("prio|^p[0-4]$", label, re.IGNORECASE):
        return None
    word = match[1] or match[2]
    return statuses.parse_numeric_priority(word) or statuses.parse_priority(word)
