"""What goes to stdout: tables for people, compact lines for pipes, JSON for programs. Nothing unescaped."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

_SHOWN = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BIDI = frozenset(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()


def safe(text: str, *, lines: bool = False) -> str:
    """The text with everything made visible that a terminal would act on: escape codes, controls, bidi marks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(letter, lines=lines) for letter in text)


def _visible(letter: str, *, lines: bool) -> str:
    if letter == "\n" and lines:
        return letter
    if letter in _SHOWN:
        return _SHOWN[letter]
    if letter in _BIDI or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
        return f"\\u{ord(letter):04x}"
    return letter


def compact(value: Any) -> str:
    """One line of JSON, in ASCII, so that nothing in it can act on a terminal."""
    return json.dumps(value, default=_plain, separators=(",", ":")).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def say(text: str) -> None:
    """One line."""
    print(safe(text))


def say_json(value: Any) -> None:
    """One JSON document."""
    print(compact(value))


def lines(rows: Iterable[Sequence[str]]) -> None:
    """Rows for a pipe: tab-separated, one a line."""
    for row in rows:
        print("\t".join(safe(cell) for cell in row))
