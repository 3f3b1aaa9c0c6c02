"""Values of items, fitted to what a ticket can store: ids, names, labels, links, texts."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite

from kanban_cli.formats.ticket import LinkFields
from kanban_sdk.wire import limits

CHUNK_BYTES = limits.TEXT_BYTES - 1024
"""Bytes of a long text that stay in one piece; the rest of the limit is for a note about the continuation."""
RESERVED_NAMES = frozenset({"anonymous", "system"})
_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_source_id(value: object, field_name: str) -> str:
    """Return the ticket's id in its source. Raises ValueError if it is missing or can't be stored."""
    reference = parse_reference(text_of_id(value))
    if reference is None:
        raise ValueError(f"it has no {field_name} of 1 to {limits.SOURCE_ID_CHARACTERS} printable characters")
    return reference


def text_of_id(value: object) -> object:
    """Return a number as its text; any other value unchanged."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def unique_id(name: str, used: set[str]) -> str:
    """Return a source id made of a name, numbered if it was used before, and add it to the used ones.

    For sources without ids: an item is found again only as long as its name stays.
    """
    line = to_one_line(name, limits.SOURCE_ID_CHARACTERS - 10)
    number = 1
    while (source_id := line if number == 1 else f"{line} ({number})") in used:
        number += 1
    used.add(source_id)
    return source_id


def parse_reference(value: object) -> str | None:
    """Return the source id of another ticket; None if it can't be one."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value if len(value) <= limits.SOURCE_ID_CHARACTERS and value.isprintable() else None


def parse_labels(values: Iterable[object]) -> list[str]:
    """Return the valid labels without duplicates."""
    candidates = (" ".join(value.split()) for value in values if isinstance(value, str) and value.isprintable())
    return list(dict.fromkeys(label for label in candidates if 1 <= len(label) <= limits.LABEL_CHARACTERS))[
        : limits.LABELS
    ]


def parse_user_name(value: object) -> str | None:
    """Return a valid user name, without a leading `@`; None if the value can't be one."""
    name = value.strip().removeprefix("@") if isinstance(value, str) else ""
    is_valid = 1 <= len(name) <= limits.USER_NAME_CHARACTERS and name.isprintable() and name not in RESERVED_NAMES
    return name if is_valid and name.strip() else None


def parse_links(values: Iterable[object]) -> list[LinkFields]:
    """Return the valid links without duplicates."""
    candidates = (value for value in values if isinstance(value, str) and value.isprintable())
    refs = dict.fromkeys(ref for ref in candidates if _URL.fullmatch(ref) and len(ref) <= limits.LINK_CHARACTERS)
    links: list[LinkFields] = [{"ref": ref} for ref in refs]
    return links[: limits.LINKS]


def to_one_line(text: str, max_characters: int) -> str:
    """Join a text to one line of at most `max_characters`."""
    printable = text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(printable.split())
    return line if len(line) <= max_characters else f"{line[: max_characters - 1].rstrip()}…"


def split_text(text: str | None) -> list[str | None]:
    """Split a text into pieces within the limit; a short text, or None, is one piece."""
    encoded = (text or "").encode()
    if len(encoded) <= limits.TEXT_BYTES:
        return [text]
    chunks: list[str | None] = []
    start = 0
    while start < len(encoded):
        end = min(start + CHUNK_BYTES, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        chunks.append(encoded[start:end].decode())
        start = end
    return chunks


def parse_text(value: object) -> str | None:
    """Return a non-empty text; None otherwise."""
    return value if isinstance(value, str) and value.strip() else None


def sanitize(value: object) -> object:
    """Replace what databases can't store: NUL by its symbol, a lone surrogate by the replacement character.

    A number without a safe JSON form becomes its text.
    """
    if isinstance(value, str):
        return (
            value if value.isascii() and "\0" not in value else _SURROGATE.sub("\ufffd", value.replace("\0", "\u2400"))
        )
    if isinstance(value, list):
        return [sanitize(item) for item in value]
    if isinstance(value, dict):
        return sanitize_mapping(value)
    is_unsafe_number = (
        not isfinite(value) if isinstance(value, float) else isinstance(value, int) and abs(value) >= 2**53
    )
    return str(value) if is_unsafe_number else value


def sanitize_mapping(values: Mapping[str, object]) -> dict[str, object]:
    """Sanitize the names and values of a mapping."""
    return {str(sanitize(name)): sanitize(value) for name, value in values.items()}


def is_blank(value: object) -> bool:
    """Whether a value is empty, or blank text."""
    return not value.strip() if isinstance(value, str) else value is None or value in ([], {})
