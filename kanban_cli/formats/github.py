"""GitHub's issues, as `gh issue list --json …` writes them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from kanban_cli.formats import jsonlines, parts
from kanban_sdk.wire.boards import Column

READ = frozenset({"id", "number", "title", "body", "closed", "url"})
"""Fields that are fully told by the ticket's own."""
NOBODY = "github"
_ADDRESS = re.compile(r"https?://[^/\s]+/([^/\s]+/[^/\s]+)/issues/[0-9]+", re.ASCII)
_PRIORITY = re.compile(r"(?:prio(?:rity)?[ :/_-]*)?(p?[0-4]|[a-z]+)|([a-z]+)[ _-]priority", re.IGNORECASE)


def tickets(file: str, data: bytes, columns: Sequence[Column]) -> Iterator[parts.Found]:
    """The issues of a file as tickets for a board with these columns. Raises Unreadable."""
    return jsonlines.objects(file, data, lambda issue: ticket(issue, columns))


def ticket(issue: dict[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """One issue as a ticket. Raises ValueError where it has no number."""
    issue = parts.clean(issue)
    number = issue.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError("the issue has no `number`: ask for --json number,title,body,state,url")
    url = issue.get("url")
    repository = _ADDRESS.fullmatch(url) if isinstance(url, str) else None
    extra = {name: value for name, value in issue.items() if name not in READ and not parts.unsaid(value)}
    labels = [label.get("name") for label in _dicts(issue.get("labels"))]
    assignees = [one.get("login") for one in _dicts(issue.get("assignees"))]
    milestone = issue.get("milestone")
    closed = str(issue.get("state", "")).upper() == "CLOSED" or issue.get("closed") is True
    created, updated, ended = (_time(issue, field, extra) for field in ("createdAt", "updatedAt", "closedAt"))
    drafted = parts.draft(
        parts.source(f"{repository[1]}#{number}" if repository else f"#{number}", "number"),
        parts.text(issue.get("title")),
        description=parts.text(issue.get("body")),
        author=_login(issue.get("author")),
        created=created,
        comments=_comments(issue, extra),
        nobody=NOBODY,
        extra=extra,
    )
    kept = parts.labels(labels)
    if len(kept) == len(labels):
        extra.pop("labels", None)
    if len(assignees) < 2 and parts.name(next(iter(assignees), None)):
        extra.pop("assignees", None)
    if drafted["created_by"]:
        extra.pop("author", None)
    if str(issue.get("stateReason") or "COMPLETED").upper() == "COMPLETED":
        extra.pop("stateReason", None)
    if str(issue.get("state", "")).upper() in {"OPEN", "CLOSED"}:
        extra.pop("state", None)
    pulls = [one.get("url") for one in _dicts(issue.get("closedByPullRequestsReferences"))]
    dates = {"createdAt": created, "updatedAt": updated, "closedAt": ended}
    unclear = {field: issue[field] for field, value in dates.items() if value is None and issue.get(field)}
    unclear |= {"author": issue["author"]} if issue.get("author") and not drafted["created_by"] else {}
    unclear |= {"labels": issue["labels"]} if "labels" in extra else {}
    column, status = _column(issue, columns, closed=closed)
    return {
        **drafted,
        "unclear": unclear,
        "current_column": column,
        "status": status,
        "priority": next(filter(None, map(_priority, kept)), None),
        "assignee": next(filter(None, map(parts.name, assignees)), None),
        "labels": kept,
        "updated_at": updated,
        "column_entered_at": ended if closed else None,
        "due_date": parts.day(milestone.get("dueOn")) if isinstance(milestone, dict) else None,
        "links": parts.links([url, *pulls]),
    }


def _column(issue: dict[str, Any], columns: Sequence[Column], *, closed: bool) -> tuple[str, str | None]:
    """Done where it is closed; else where a project has it; else at the beginning. And the status that says so."""
    if closed:
        return parts.column_for("done", columns), "closed"
    for item in _dicts(issue.get("projectItems")):
        status = item.get("status")
        said = status.get("name") if isinstance(status, dict) else None
        if isinstance(said, str) and (found := parts.column(said, columns)):
            return found, parts.state(said)
    return parts.column_for("todo", columns), "open"


def _comments(issue: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    """The comments, if they were asked for, and all of them are ones."""
    told = issue.get("comments")
    if not isinstance(told, list) or not all(isinstance(one, dict) and parts.text(one.get("body")) for one in told):
        return []
    extra.pop("comments", None)
    return [
        {"text": one["body"], "author": _login(one.get("author")), "created_at": parts.time(one.get("createdAt"))}
        for one in told
    ]


def _priority(label: str) -> str | None:
    """What a label such as `P1`, `priority: high` or `high-priority` says; None where it says nothing of it."""
    match = _PRIORITY.fullmatch(label)
    if match is None or not re.search("prio|^p[0-4]$", label, re.IGNORECASE):
        return None
    said = match[1] or match[2]
    return parts.rank(said) or parts.priority(said)


def _login(user: Any) -> str | None:
    return parts.name(user.get("login")) if isinstance(user, dict) else None


def _time(issue: dict[str, Any], field: str, extra: dict[str, Any]) -> str | None:
    kept = parts.time(issue.get(field))
    if kept is not None:
        extra.pop(field, None)
    return kept


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
