"""A beads export, read as tickets that can be imported. Nothing of an issue is lost: what has no field of ours, or is
too long for it, stands in `extra`, in the description or in a comment.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column

PRIORITIES = ("critical", "high", "medium", "low")
WORKING = frozenset({"in_progress", "hooked"})
READ = frozenset(
    {"id", "title", "description", "acceptance_criteria", "status", "priority", "created_at", "updated_at"}
)
"""Fields that are fully told by the ticket's own; all others stand in `extra`."""
COUNTED = frozenset({"dependency_count", "dependent_count", "comment_count"})
"""Fields that only count what stands elsewhere."""
CHUNK = limits.TEXT_BYTES - 1024
"""Bytes of a long text that are kept in one piece, which leaves room for a word about the rest."""
RESERVED = frozenset({"anonymous", "system"})
_SURROGATE = re.compile("[\ud800-\udfff]")
NOBODY = "beads"
"""Who is said to have written what nobody signed."""


def ticket(issue: dict[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """The issue as a ticket for a board with these columns. Raises ValueError where it has no id."""
    issue = _clean(issue)
    source = issue.get("id")
    if not isinstance(source, str) or not 1 <= len(source) <= limits.SOURCE_ID_CHARACTERS:
        raise ValueError("the issue has no `id`")
    extra = {name: value for name, value in issue.items() if name not in READ | COUNTED and value not in (None, "")}
    written = _text(issue.get("title")) or source
    title = _title(written)
    description = _text(issue.get("description"))
    if title != " ".join(written.split()):
        description = f"{written}\n\n{description}" if description else written
    elif title != written:
        extra["title"] = written  # only its spacing differs
    author = _name(issue.get("created_by")) or NOBODY
    created, updated, closed = (_time(issue, name, extra) for name in ("created_at", "updated_at", "closed_at"))
    comments: list[dict[str, Any]] = []
    texts = {"description": description, "acceptance_criteria": _text(issue.get("acceptance_criteria"))}
    for field, text in texts.items():
        first, *rest = _pieces(text)
        texts[field] = f"{first}\n\n(The rest is in the comments.)" if rest else first
        named = field.replace("_", " ")
        comments += [
            {"text": f"(The {named}, part {number})\n\n{piece}", "author": author, "created_at": created}
            for number, piece in enumerate(rest, 2)
        ]
    told = issue.get("comments")
    if isinstance(told, list) and all(isinstance(one, dict) and _text(one.get("text")) for one in told):
        del extra["comments"]
        comments += [comment for one in told for comment in _comments(one)]
    status = str(issue.get("status"))
    if status not in {"open", "closed", "in_progress"}:
        extra["status"] = status
    return {
        "source_id": source,
        "title": title,
        "current_column": column(status, columns),
        "priority": _priority(issue.get("priority"), extra),
        "assignee": _name(issue.get("assignee")),
        "labels": _labels(issue),
        "created_by": _name(issue.get("created_by")),
        "created_at": created,
        "updated_at": updated,
        "column_entered_at": closed if status == "closed" else None,
        "extra": _without_told(extra, issue),
        "comments": comments,
        "blocked_by_sources": _linked(issue, "blocks"),
        "parent_source": next(iter(_linked(issue, "parent-child")), None) or _source(issue.get("parent")),
        **texts,
    }


def column(status: str, columns: Sequence[Column]) -> str:
    """Where an issue of this status stands: done, in work, or at the beginning."""
    role = {"closed": "done"}.get(status, "working" if status in WORKING else "todo")
    fits = [one.name for one in columns if one.role == role]
    return fits[0] if fits else columns[-1 if role == "done" else 0].name


def _without_told(extra: dict[str, Any], issue: dict[str, Any]) -> dict[str, Any]:
    """The extra fields without those that the ticket says in the same words."""
    told = {name for name in ("assignee", "created_by") if _name(issue.get(name)) == issue.get(name)}
    labels = _labels(issue)
    told |= {"issue_type"} if issue.get("issue_type") in labels else set()
    told |= {"labels"} if isinstance(issue.get("labels"), list) and set(issue["labels"]) <= set(labels) else set()
    return {name: value for name, value in extra.items() if name not in told}


def _linked(issue: dict[str, Any], kind: str) -> list[str]:
    """The issues that a dependency of this kind names."""
    told = issue.get("dependencies")
    named = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    sources = (_source(one.get("depends_on_id")) for one in named if one.get("type") == kind)
    return list(dict.fromkeys(source for source in sources if source))


def _source(value: Any) -> str | None:
    fits = isinstance(value, str) and 1 <= len(value) <= limits.SOURCE_ID_CHARACTERS and value.isprintable()
    return value if fits else None


def _priority(value: Any, extra: dict[str, Any]) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**limits.PRIORITY_DIGITS:
        return PRIORITIES[value] if value < len(PRIORITIES) else f"{value}.0"
    if value is not None:
        extra["priority"] = value
    return None


def _labels(issue: dict[str, Any]) -> list[str]:
    listed = issue.get("labels")
    wanted = [issue.get("issue_type"), *(listed if isinstance(listed, list) else [])]
    fits = (label.strip() for label in wanted if isinstance(label, str) and label.isprintable())
    return list(dict.fromkeys(label for label in fits if 1 <= len(label) <= limits.LABEL_CHARACTERS))[: limits.LABELS]


def _name(value: Any) -> str | None:
    """A name that can act on a board; None where it can't be one."""
    name = value.strip() if isinstance(value, str) else ""
    fits = 1 <= len(name) <= limits.USER_NAME_CHARACTERS and name.isprintable() and name not in RESERVED
    return name if fits else None


def _time(issue: dict[str, Any], field: str, extra: dict[str, Any]) -> str | None:
    value = issue.get(field)
    try:
        return datetime.fromisoformat(value).isoformat() if value else None
    except (TypeError, ValueError):
        extra[field] = value
        return None


def _comments(one: dict[str, Any]) -> list[dict[str, Any]]:
    author = _name(one.get("author")) or NOBODY
    created = _time(one, "created_at", {})
    return [{"text": piece, "author": author, "created_at": created} for piece in _pieces(str(one["text"]))]


def _title(text: str) -> str:
    """The text as a title: one line, at most 200 characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= limits.TITLE_CHARACTERS else f"{line[: limits.TITLE_CHARACTERS - 1].rstrip()}…"


def _pieces(text: str | None) -> list[Any]:
    """The text in pieces that can be kept; one piece, or None, where it is not too long."""
    encoded = (text or "").encode()
    if len(encoded) <= limits.TEXT_BYTES:
        return [text]
    pieces, start = [], 0
    while start < len(encoded):
        end = min(start + CHUNK, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(encoded[start:end].decode())
        start = end
    return pieces


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _clean(value: Any) -> Any:
    """The value without what no database keeps: NUL becomes its picture, a lone surrogate the replacement sign."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", "\u2400"))
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value
