"""Shared by all formats: fit texts, names, times and columns to our limits without losing anything.

What has no field of ours, or does not fit into it, is kept in `extra`, in the description or in a comment.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, matching

CHUNK_BYTES = limits.TEXT_BYTES - 1024
"""Bytes of a long text that stay in one piece; the rest of the limit is for a note about the continuation."""
RESERVED_NAMES = frozenset({"anonymous", "system"})
STATUSES = {
    "todo": ("to do", "todo", "open", "opened", "new", "backlog", "ready", "pending", "draft", "not started"),
    "working": ("in progress", "doing", "working", "started", "active", "wip", "in development"),
    "waiting": ("blocked", "waiting", "on hold", "review", "in review", "needs review", "testing", "in testing", "qa"),
    "done": ("done", "closed", "complete", "completed", "finished", "fixed", "merged", "resolved", "cancelled"),
}
"""Role of a column to the statuses that mean it, if no column of the board is named like the status."""
PRIORITIES = {
    "critical": ("critical", "urgent", "blocker", "highest"),
    "high": ("high", "major"),
    "medium": ("medium", "normal", "moderate"),
    "low": ("low", "minor", "trivial", "lowest"),
}
_ROLE_BY_STATUS = {status: role for role, statuses in STATUSES.items() for status in statuses}
_PRIORITY_BY_WORD = {word: priority for priority, words in PRIORITIES.items() for word in words}
_DIGITS = rf"[0-9]{{1,{limits.PRIORITY_DIGITS}}}"
_DOTTED = re.compile(rf"{_DIGITS}(\.{_DIGITS}){{0,{limits.PRIORITY_PARTS - 1}}}", re.ASCII)
_RANK = re.compile(rf"p?({_DIGITS})", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class ParsedTicket(NamedTuple):
    """A ticket to import, its file and line, and the values by field that were not understood."""

    file: str
    line: int
    ticket: dict[str, Any]
    unclear: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def of(cls, file: str, line: int, ticket: dict[str, Any]) -> Self:
        """Create from a parsed ticket, taking what was not understood from its key `unclear`."""
        return cls(file, line, ticket, ticket.pop("unclear", {}))


class ParseError(ValueError):
    """Unreadable input, with its file and line."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(reason)
        self.file = file
        self.line = line


def parse_source_id(value: Any, field_name: str) -> str:
    """Return the ticket's id in its source. Raises ValueError if it is missing or can't be stored."""
    reference = parse_reference(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    if reference is None:
        raise ValueError(f"it has no {field_name} of 1 to {limits.SOURCE_ID_CHARACTERS} printable characters")
    return reference


def parse_reference(value: Any) -> str | None:
    """Return the source id of another ticket; None if it can't be one."""
    is_valid = isinstance(value, str) and 1 <= len(value) <= limits.SOURCE_ID_CHARACTERS and value.isprintable()
    return value if is_valid and value.strip() else None


def draft_ticket(
    source_id: str,
    title: str | None,
    *,
    description: str | None,
    acceptance_criteria: str | None = None,
    author: str | None,
    created: str | None,
    comments: Iterable[Mapping[str, Any]] = (),
    default_author: str,
    extra: dict[str, Any],
) -> dict[str, Any]:
    """Build a ticket with texts: a long title is repeated on top of the description, a long text continues in comments.

    `comments` are `{text, author, created_at}`; `default_author` is the author of unsigned texts.
    """
    full_title = title or source_id
    short_title = to_one_line(full_title, limits.TITLE_CHARACTERS) or to_one_line(source_id, limits.TITLE_CHARACTERS)
    if short_title != " ".join(full_title.split()):
        description = f"{full_title}\n\n{description}" if description else full_title
    elif short_title != full_title:
        extra["title"] = full_title  # only the spacing differs
    draft_comments: list[dict[str, Any]] = []
    texts = {"description": description, "acceptance_criteria": acceptance_criteria}
    for field, text in texts.items():
        first, *rest = split_text(text)
        texts[field] = f"{first}\n\n(The rest is in the comments.)" if rest else first
        field_label = field.replace("_", " ")
        draft_comments += [
            {
                "text": f"(The {field_label}, part {number})\n\n{piece}",
                "author": author or default_author,
                "created_at": created,
            }
            for number, piece in enumerate(rest, 2)
        ]
    for comment in comments:
        attribution = {
            "author": parse_user_name(comment.get("author")) or default_author,
            "created_at": comment.get("created_at"),
        }
        draft_comments += [{"text": piece, **attribution} for piece in split_text(comment["text"]) if piece.strip()]
    return {
        "source_id": source_id,
        "title": short_title,
        "created_by": author,
        "created_at": created,
        "extra": extra,
        "comments": draft_comments,
        **texts,
    }


def state(status: Any) -> str | None:
    """Return a status in the form that the next import compares; None if there is none."""
    return str(status)[: limits.SOURCE_ID_CHARACTERS] if status else None


def match_column(status: str, columns: Sequence[Column]) -> str | None:
    """Return the column for a status: by name, else the first with its role; None if unclear."""
    normalized = matching(status)
    same_name = [one.name for one in columns if matching(one.name) == normalized]
    role = _ROLE_BY_STATUS.get(" ".join(normalized.replace("-", " ").split()))
    return same_name[0] if same_name else column_with_role(role, columns) if role else None


def column_with_role(role: str, columns: Sequence[Column]) -> str:
    """Return the first column with a role; without one, the last column for `done`, else the first."""
    matches = [one.name for one in columns if one.role == role]
    return matches[0] if matches else columns[-1 if role == "done" else 0].name


def parse_priority(text: str) -> str | None:
    """Return a priority: a word, or a dotted number, unchanged; None if it is neither."""
    normalized = text.strip().casefold()
    if normalized in _PRIORITY_BY_WORD:
        return _PRIORITY_BY_WORD[normalized]
    return normalized if _DOTTED.fullmatch(normalized) else parse_numeric_priority(normalized)


def parse_numeric_priority(text: str) -> str | None:
    """Convert a priority that counts from 0 (critical), as `0` or `P0`; None if it is none."""
    match = _RANK.fullmatch(text.strip().casefold())
    if match is None:
        return None
    number, words = int(match[1]), [*PRIORITIES]
    return words[number] if number < len(words) else f"{number}.0"


def parse_labels(values: Iterable[Any]) -> list[str]:
    """Return the valid labels without duplicates."""
    candidates = (" ".join(value.split()) for value in values if isinstance(value, str) and value.isprintable())
    return list(dict.fromkeys(label for label in candidates if 1 <= len(label) <= limits.LABEL_CHARACTERS))[
        : limits.LABELS
    ]


def parse_user_name(value: Any) -> str | None:
    """Return a valid user name; None if the value can't be one."""
    stripped = value.strip() if isinstance(value, str) else ""
    is_valid = (
        1 <= len(stripped) <= limits.USER_NAME_CHARACTERS and stripped.isprintable() and stripped not in RESERVED_NAMES
    )
    return stripped if is_valid else None


def parse_time(value: Any) -> str | None:
    """Return a time as ISO-8601 in UTC, the default zone. None if it is no time, or its year in UTC is out of range."""
    try:
        moment = datetime.fromisoformat(value.strip()) if value else None
        aware = moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat() if aware else None
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def parse_day(value: Any) -> str | None:
    """Return the day of a time or a date; None if it is neither."""
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1] if match and parse_time(match[1]) else None


def parse_links(values: Iterable[Any]) -> list[dict[str, str]]:
    """Return the valid links without duplicates."""
    candidates = (value for value in values if isinstance(value, str) and value.isprintable())
    refs = dict.fromkeys(ref for ref in candidates if _URL.fullmatch(ref) and len(ref) <= limits.LINK_CHARACTERS)
    return [{"ref": ref} for ref in refs][: limits.LINKS]


def to_one_line(text: str, max_characters: int) -> str:
    """Join a text to one line of at most `max_characters`."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= max_characters else f"{line[: max_characters - 1].rstrip()}…"


def split_text(text: str | None) -> list[Any]:
    """Split a text into pieces within the limit; a short text, or None, is one piece."""
    encoded = (text or "").encode()
    if len(encoded) <= limits.TEXT_BYTES:
        return [text]
    chunks, start = [], 0
    while start < len(encoded):
        end = min(start + CHUNK_BYTES, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        chunks.append(encoded[start:end].decode())
        start = end
    return chunks


def parse_text(value: Any) -> str | None:
    """Return a non-empty text; None otherwise."""
    return value if isinstance(value, str) and value.strip() else None


def sanitize(value: Any) -> Any:
    """Replace what databases can't store: NUL by its symbol, a lone surrogate by the replacement character.

    A number without a safe JSON form becomes its text.
    """
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", "\u2400"))
    if isinstance(value, list):
        return [sanitize(item) for item in value]
    if isinstance(value, dict):
        return {sanitize(field): sanitize(item) for field, item in value.items()}
    is_unsafe_number = (
        not isfinite(value) if isinstance(value, float) else isinstance(value, int) and abs(value) >= 2**53
    )
    return str(value) if is_unsafe_number else value


def is_empty(value: Any) -> bool:
    """Whether a field is empty."""
    return value is None or value in ("", [], {})
