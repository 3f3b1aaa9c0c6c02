"""What all formats share: texts, names, times and columns made to fit, so that nothing of a ticket is lost.

What has no field of ours, or does not fit into it, stands in `extra`, in the description or in a comment.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, matching

CHUNK = limits.TEXT_BYTES - 1024
"""Bytes of a long text that are kept in one piece, which leaves room for a word about the rest."""
RESERVED = frozenset({"anonymous", "system"})
STATUSES = {
    "todo": ("to do", "todo", "open", "opened", "new", "backlog", "ready", "pending", "draft", "not started"),
    "working": ("in progress", "doing", "working", "started", "active", "wip", "in development"),
    "waiting": ("blocked", "waiting", "on hold", "review", "in review", "needs review", "testing", "in testing", "qa"),
    "done": ("done", "closed", "complete", "completed", "finished", "fixed", "merged", "resolved", "cancelled"),
}
"""Role of a column to what a status says of it, where the board has no column of the status's own name."""
PRIORITIES = {
    "critical": ("critical", "urgent", "blocker", "highest"),
    "high": ("high", "major"),
    "medium": ("medium", "normal", "moderate"),
    "low": ("low", "minor", "trivial", "lowest"),
}
_ROLE = {status: role for role, statuses in STATUSES.items() for status in statuses}
_WORD = {word: kept for kept, words in PRIORITIES.items() for word in words}
_DIGITS = rf"[0-9]{{1,{limits.PRIORITY_DIGITS}}}"
_DOTTED = re.compile(rf"{_DIGITS}(\.{_DIGITS}){{0,{limits.PRIORITY_PARTS - 1}}}", re.ASCII)
_RANK = re.compile(rf"p?({_DIGITS})", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Found(NamedTuple):
    """A ticket to import, where it was read, and what of it was not understood: the values by their fields."""

    file: str
    line: int
    ticket: dict[str, Any]
    unclear: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def of(cls, file: str, line: int, ticket: dict[str, Any]) -> Self:
        """A ticket as a format reads it, with what it did not understand under `unclear`."""
        return cls(file, line, ticket, ticket.pop("unclear", {}))


class Unreadable(ValueError):
    """What can't be read, and where it stands."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(what)
        self.file = file
        self.line = line


def source(value: Any, what: str) -> str:
    """The name that a ticket has there. Raises ValueError where there is none, or it can't be kept."""
    found = reference(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    if found is None:
        raise ValueError(f"it has no {what} of 1 to {limits.SOURCE_ID_CHARACTERS} printable characters")
    return found


def reference(value: Any) -> str | None:
    """The name of another ticket there; None where it can't be one."""
    fits = isinstance(value, str) and 1 <= len(value) <= limits.SOURCE_ID_CHARACTERS and value.isprintable()
    return value if fits and value.strip() else None


def draft(
    source: str,
    title: str | None,
    *,
    description: str | None,
    acceptance_criteria: str | None = None,
    author: str | None,
    created: str | None,
    comments: Iterable[Mapping[str, Any]] = (),
    nobody: str,
    extra: dict[str, Any],
) -> dict[str, Any]:
    """A ticket with its texts: a long title stands whole on top of the description, a long text goes on in comments.

    `comments` are `{text, author, created_at}`; `nobody` is said to have written what nobody signed.
    """
    written = title or source
    line = one_line(written, limits.TITLE_CHARACTERS) or one_line(source, limits.TITLE_CHARACTERS)
    if line != " ".join(written.split()):
        description = f"{written}\n\n{description}" if description else written
    elif line != written:
        extra["title"] = written  # only its spacing differs
    kept: list[dict[str, Any]] = []
    texts = {"description": description, "acceptance_criteria": acceptance_criteria}
    for field, text in texts.items():
        first, *rest = pieces(text)
        texts[field] = f"{first}\n\n(The rest is in the comments.)" if rest else first
        named = field.replace("_", " ")
        kept += [
            {"text": f"(The {named}, part {number})\n\n{piece}", "author": author or nobody, "created_at": created}
            for number, piece in enumerate(rest, 2)
        ]
    for one in comments:
        signed = {"author": name(one.get("author")) or nobody, "created_at": one.get("created_at")}
        kept += [{"text": piece, **signed} for piece in pieces(one["text"]) if piece.strip()]
    return {
        "source_id": source,
        "title": line,
        "created_by": author,
        "created_at": created,
        "extra": extra,
        "comments": kept,
        **texts,
    }


def state(status: Any) -> str | None:
    """A status as it is sent, to be compared at the next import; None where there is none."""
    return str(status)[: limits.SOURCE_ID_CHARACTERS] if status else None


def column(status: str, columns: Sequence[Column]) -> str | None:
    """The column that a status means: the one of its name, else the first that plays its part; None where unclear."""
    wanted = matching(status)
    named = [one.name for one in columns if matching(one.name) == wanted]
    role = _ROLE.get(" ".join(wanted.replace("-", " ").split()))
    return named[0] if named else column_for(role, columns) if role else None


def column_for(role: str, columns: Sequence[Column]) -> str:
    """The first column that plays a part; where none does, the last for what is done, and else the first."""
    fits = [one.name for one in columns if one.role == role]
    return fits[0] if fits else columns[-1 if role == "done" else 0].name


def priority(text: str) -> str | None:
    """A priority as we have it: a word, or a dotted number, which stays as it is; None where it is neither."""
    said = text.strip().casefold()
    if said in _WORD:
        return _WORD[said]
    return said if _DOTTED.fullmatch(said) else rank(said)


def rank(text: str) -> str | None:
    """A priority that counts from 0, critical, on: `0`, or `P0`; None where it is none."""
    match = _RANK.fullmatch(text.strip().casefold())
    if match is None:
        return None
    number, words = int(match[1]), [*PRIORITIES]
    return words[number] if number < len(words) else f"{number}.0"


def labels(values: Iterable[Any]) -> list[str]:
    """Those that can be labels, each once."""
    fits = (" ".join(value.split()) for value in values if isinstance(value, str) and value.isprintable())
    return list(dict.fromkeys(label for label in fits if 1 <= len(label) <= limits.LABEL_CHARACTERS))[: limits.LABELS]


def name(value: Any) -> str | None:
    """A name that can act on a board; None where it can't be one."""
    said = value.strip() if isinstance(value, str) else ""
    fits = 1 <= len(said) <= limits.USER_NAME_CHARACTERS and said.isprintable() and said not in RESERVED
    return said if fits else None


def time(value: Any) -> str | None:
    """A time in ISO-8601, in UTC; one without a zone is in UTC. None where it is none, or UTC has no such year."""
    try:
        moment = datetime.fromisoformat(value.strip()) if value else None
        aware = moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat() if aware else None
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def day(value: Any) -> str | None:
    """The day of a time, or a day; None where it is neither."""
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1] if match and time(match[1]) else None


def links(values: Iterable[Any]) -> list[dict[str, str]]:
    """Those that can be links, each once."""
    fits = (value for value in values if isinstance(value, str) and value.isprintable())
    refs = dict.fromkeys(ref for ref in fits if _URL.fullmatch(ref) and len(ref) <= limits.LINK_CHARACTERS)
    return [{"ref": ref} for ref in refs][: limits.LINKS]


def one_line(text: str, most: int) -> str:
    """The text as one line of at most so many characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def pieces(text: str | None) -> list[Any]:
    """The text in pieces that can be kept; one piece, or None, where it is not too long."""
    encoded = (text or "").encode()
    if len(encoded) <= limits.TEXT_BYTES:
        return [text]
    found, start = [], 0
    while start < len(encoded):
        end = min(start + CHUNK, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        found.append(encoded[start:end].decode())
        start = end
    return found


def text(value: Any) -> str | None:
    """A text that says something; None where it is none."""
    return value if isinstance(value, str) and value.strip() else None


def clean(value: Any) -> Any:
    """The value without what no database keeps: NUL becomes its picture, a lone surrogate the replacement sign.

    A number that JSON has no sure form for becomes its text.
    """
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value.replace("\0", "\u2400"))
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(field): clean(item) for field, item in value.items()}
    unsure = not isfinite(value) if isinstance(value, float) else isinstance(value, int) and abs(value) >= 2**53
    return str(value) if unsure else value


def unsaid(value: Any) -> bool:
    """Whether a field says nothing."""
    return value is None or value in ("", [], {})
