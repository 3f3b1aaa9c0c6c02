"""Validation of titles, long texts and labels of tickets."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from kanban_sdk.wire import limits
from kanban_sdk.wire.invisible_characters import escaped, invisible
from kanban_server.rules.actors import check_short_name, has_control_characters, normalize_name
from kanban_server.rules.problems import Refusal

_MISLEADING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls, lone surrogates, line and paragraph separators."""
MAX_EXTRA_DEPTH = 100
"""Maximum levels of lists and objects in `extra`. The encoder stops at 254, and responses and events add levels."""


def check_title(text: str) -> str:
    """A ticket's title: one line of 1 to 200 characters. Line breaks and tabs become spaces."""
    line = " ".join(normalize_name(text).split())
    if len(line) > limits.TITLE_CHARACTERS:
        raise Refusal(
            "title-too-long",
            f"The title has {len(line)} characters; {limits.TITLE_CHARACTERS} is the most.",
            fix="Shorten the title and put the rest into the description.",
            limit=limits.TITLE_CHARACTERS,
            length=len(line),
        )
    return check_short_name(line, "title", limits.TITLE_CHARACTERS)


def check_text(value: str | None, field: str = "description") -> str | None:
    """A long text of at most 64 KiB, kept as sent; NUL is refused, since PostgreSQL can't store it."""
    if value is None:
        return None
    if "\0" in value:
        raise Refusal("invalid-request", f"The {field} holds a NUL character.", fix="Take it out.", field=field)
    size = len(value.encode(errors="surrogatepass"))
    if size > limits.TEXT_BYTES:
        raise Refusal(
            "text-too-long",
            f"The {field} has {size} bytes; {limits.TEXT_BYTES} is the most.",
            fix="Shorten it, or put it elsewhere and link to it.",
            field=field,
            limit=limits.TEXT_BYTES,
            size=size,
        )
    return value


def check_comment(value: str) -> str:
    """A comment's text: 1 byte to 64 KiB."""
    if not value.strip():
        raise Refusal("invalid-request", "The comment is empty.", fix="Say something in `text`.", field="text")
    return check_text(value, "comment") or ""


def check_labels(values: Iterable[str]) -> list[str]:
    """Labels without duplicates, in the order given."""
    unique_labels = list(dict.fromkeys(check_short_name(value, "label", limits.LABEL_CHARACTERS) for value in values))
    if len(unique_labels) > limits.LABELS:
        raise Refusal(
            "invalid-request",
            f"The ticket would have {len(unique_labels)} labels; {limits.LABELS} is the most.",
            fix="Remove some first.",
            limit=limits.LABELS,
        )
    return unique_labels


def check_tags(values: Iterable[str], field: str) -> list[str]:
    """Tags of what tickets need and users can: without case, sorted, each once. Refused: a comma, more than 20."""
    tags = {check_short_name(value, "tag", limits.TAG_CHARACTERS).casefold() for value in values}
    if any("," in tag for tag in tags):
        raise Refusal("invalid-name", "A tag has no commas.", fix="Send each tag by itself.", field=field)
    if len(tags) > limits.TAGS:
        detail = f"{len(tags)} tags are too many; {limits.TAGS} is the most."
        raise Refusal("invalid-request", detail, fix="Use fewer, broader tags.", field=field, limit=limits.TAGS)
    return sorted(tags)


def check_source_id(text: str) -> str:
    """A ticket's name at its source, kept as sent. Refused: `invalid-name`, for control characters."""
    if has_control_characters(text):
        raise Refusal("invalid-name", "The source_id holds control characters.", fix="Take them out.")
    return text


def check_extra(values: dict[str, object] | None) -> dict[str, object] | None:
    """Imported data that has no field here; an empty object becomes None. Refused: more than 100 levels."""
    if not values:
        return None
    level: list[object] = [values]
    for _ in range(MAX_EXTRA_DEPTH):
        level = [inner for outer in level for inner in _children(outer) if isinstance(inner, dict | list)]
        if not level:
            return values
    raise Refusal(
        "invalid-request",
        f"`extra` has more than {MAX_EXTRA_DEPTH} levels.",
        fix="Bring it as text, or leave the deep part out.",
        field="extra",
        limit=MAX_EXTRA_DEPTH,
    )


def _children(value: object) -> Iterable[object]:
    """The elements of a list or the values of an object."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def escape_control_characters(value: str) -> str:
    """The text with terminal control characters and invisible characters escaped; line breaks and tabs stay."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(escaped(letter) if _misleads(letter) else letter for letter in value)


def _misleads(letter: str) -> bool:
    return letter not in "\n\t" and (invisible(letter) or unicodedata.category(letter) in _MISLEADING)
