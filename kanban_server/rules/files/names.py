"""Names of files: made safe for every file system, and unique on a ticket."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kanban_sdk.wire import limits

DEFAULT_NAME = "file"
NAME_BYTES = 200
"""Maximum bytes of a name: most file systems take 255, and a number may be added to it."""
EXTENSION_CHARACTERS = 16
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
"""Names that mean a device on Windows."""
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SEPARATORS = re.compile(r"[/\\]")


def safe_name(text: str) -> str:
    """The name to store for a name that was sent: its last part, without what file systems or readers trip over.

    Control characters, characters without a shape of their own (such as those that change the direction of a text) and
    dots at its ends are removed, characters that Windows refuses become `_`, and a long name is cut before its
    extension.
    """
    name = _SEPARATORS.split(unicodedata.normalize("NFC", text))[-1]
    name = "".join(_visible(character) for character in name)
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _cut(name, limits.FILE_NAME_CHARACTERS, NAME_BYTES) or DEFAULT_NAME


def unused_name(name: str, used: Iterable[str]) -> str:
    """The name, or with the first free number, as `shot-2.png`. Names that differ only in case count as the same."""
    taken = {one.casefold() for one in used}
    stem, extension = split_extension(name)
    number, candidate = 1, name
    while candidate.casefold() in taken:
        number += 1
        end = f"-{number}{extension}"
        candidate = _cut(stem, limits.FILE_NAME_CHARACTERS - len(end), NAME_BYTES - len(end.encode())) + end
    return candidate


def split_extension(name: str) -> tuple[str, str]:
    """The name without its extension, and the extension with its dot; empty if there is none."""
    stem, dot, extension = name.rpartition(".")
    if not stem or not dot or not 0 < len(extension) < EXTENSION_CHARACTERS or " " in extension:
        return name, ""
    return stem, dot + extension


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\r\n":
        return " "
    return "" if category[0] == "C" else character


def _cut(name: str, characters: int, size: int) -> str:
    """The name within a number of characters and of bytes; its extension is kept."""
    if len(name) <= characters and len(name.encode()) <= size:
        return name
    stem, extension = split_extension(name)
    size -= len(extension.encode())
    stem = stem[: characters - len(extension)].encode()[:size].decode(errors="ignore")
    return stem.rstrip(" .") + extension
