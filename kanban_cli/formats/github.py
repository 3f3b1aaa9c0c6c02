"""GitHub issues, in the format of `gh issue list --json …`."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from kanban_cli.formats import conversion, json_objects
from kanban_sdk.wire.boards import Column

MAPPED_FIELDS = frozenset({"id", "number", "title", "body", "closed", "url"})
"""Fields that the ticket's own fields hold completely."""
DEFAULT_AUTHOR = "github"
_ADDRESS = re.compile(r"https?://[^/\s]+/([^/\s]+/[^/\s]+)/issues/[0-9]+", re.ASCII)
_PRIORITY = re.compile(r"(?:prio(?:rity)?[ :/_-]*)?(p?[0-4]|[a-z]+)|([a-z]+)[ _-]priority", re.IGNORECASE)


def parse_tickets(file: str, data: bytes, columns: Sequence[Column]) -> Iterator[conversion.ParsedTicket]:
    """Parse the issues of a file as tickets for a board with these columns. Raises ParseError."""
    return json_objects.parse_objects(file, data, lambda issue: build_ticket(issue, columns))


def build_ticket(issue: dict[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """Convert an issue to a ticket. Raises ValueError if it has no number."""
    issue = conversion.sanitize(issue)
    number = issue.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError("the issue has no `number`: ask for --json number,title,body,state,url")
    url = issue.get("url")
    repository = _ADDRESS.fullmatch(url) if isinstance(url, str) else None
    extra = {
        name: value for name, value in issue.items() if name not in MAPPED_FIELDS and not conversion.is_empty(value)
    }
    labels = [label.get("name") for label in _only_objects(issue.get("labels"))]
    assignees = [item.get("login") for item in _only_objects(issue.get("assignees"))]
    milestone = issue.get("milestone")
    closed = str(issue.get("state", "")).upper() == "CLOSED" or issue.get("closed") is True
    created, updated, ended = (_parse_time(issue, field, extra) for field in ("createdAt", "updatedAt", "closedAt"))
    draft = conversion.draft_ticket(
        conversion.parse_source_id(f"{repository[1]}#{number}" if repository else f"#{number}", "number"),
        conversion.parse_text(issue.get("title")),
        description=conversion.parse_text(issue.get("body")),
        author=_parse_login(issue.get("author")),
        created=created,
        comments=_parse_comments(issue, extra),
        default_author=DEFAULT_AUTHOR,
        extra=extra,
    )
    parsed_labels = conversion.parse_labels(labels)
    if len(parsed_labels) == len(labels):
        extra.pop("labels", None)
    if len(assignees) < 2 and conversion.parse_user_name(next(iter(assignees), None)):
        extra.pop("assignees", None)
    if draft["created_by"]:
        extra.pop("author", None)
    if str(issue.get("stateReason") or "COMPLETED").upper() == "COMPLETED":
        extra.pop("stateReason", None)
    if str(issue.get("state", "")).upper() in {"OPEN", "CLOSED"}:
        extra.pop("state", None)
    pull_requests = [item.get("url") for item in _only_objects(issue.get("closedByPullRequestsReferences"))]
    dates = {"createdAt": created, "updatedAt": updated, "closedAt": ended}
    unclear = {field: issue[field] for field, value in dates.items() if value is None and issue.get(field)}
    unclear |= {"author": issue["author"]} if issue.get("author") and not draft["created_by"] else {}
    unclear |= {"labels": issue["labels"]} if "labels" in extra else {}
    column, status = _column_for_issue(issue, columns, closed=closed)
    return {
        **draft,
        "unclear": unclear,
        "current_column": column,
        "status": status,
        "priority": next(filter(None, map(_parse_priority, parsed_labels)), None),
        "assignee": next(filter(None, map(conversion.parse_user_name, assignees)), None),
        "labels": parsed_labels,
        "updated_at": updated,
        "column_entered_at": ended if closed else None,
        "due_date": conversion.parse_day(milestone.get("dueOn")) if isinstance(milestone, dict) else None,
        "links": conversion.parse_links([url, *pull_requests]),
    }


def _column_for_issue(issue: dict[str, Any], columns: Sequence[Column], *, closed: bool) -> tuple[str, str | None]:
    """Return the column (done if closed, else the project's, else the first) and the status that determined it."""
    if closed:
        return conversion.column_with_role("done", columns), "closed"
    for item in _only_objects(issue.get("projectItems")):
        status = item.get("status")
        status_name = status.get("name") if isinstance(status, dict) else None
        if isinstance(status_name, str) and (column := conversion.match_column(status_name, columns)):
            return column, conversion.state(status_name)
    return conversion.column_with_role("todo", columns), "open"


def _parse_comments(issue: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the comments if the export has them and all are valid."""
    comments = issue.get("comments")
    if not isinstance(comments, list) or not all(
        isinstance(item, dict) and conversion.parse_text(item.get("body")) for item in comments
    ):
        return []
    extra.pop("comments", None)
    return [
        {
            "text": item["body"],
            "author": _parse_login(item.get("author")),
            "created_at": conversion.parse_time(item.get("createdAt")),
        }
        for item in comments
    ]


def _parse_priority(label: str) -> str | None:
    """Return the priority in a label such as `P1`, `priority: high` or `high-priority`; None if it has none."""
    match = _PRIORITY.fullmatch(label)
    if match is None or not re.search("prio|^p[0-4]$", label, re.IGNORECASE):
        return None
    word = match[1] or match[2]
    return conversion.parse_numeric_priority(word) or conversion.parse_priority(word)


def _parse_login(user: Any) -> str | None:
    return conversion.parse_user_name(user.get("login")) if isinstance(user, dict) else None


def _parse_time(issue: dict[str, Any], field: str, extra: dict[str, Any]) -> str | None:
    time = conversion.parse_time(issue.get(field))
    if time is not None:
        extra.pop(field, None)
    return time


def _only_objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
