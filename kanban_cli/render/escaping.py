"""Texts that are safe to print: nothing in them can control a terminal."""

import json
import unicodedata

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str, *, lines: bool = False) -> str:
    """Make invisible characters visible: escape codes, control characters, bidi marks, zero-width characters."""
    if text.isascii() and text.isprintable():
        return text
    from kanban_sdk.wire.invisible_characters import escaped, invisible

    def visible(letter: str) -> str:
        if letter == "\n" and lines:
            return letter
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        hidden = invisible(letter) or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        return escaped(letter) if hidden else letter

    return "".join(map(visible, text))


def truncate(text: str, size: int) -> str:
    """Return the text, or its first `size` characters and its size in bytes."""
    if len(text) <= size:
        return text
    return f"{text[:size]}… ({len(text.encode(errors='surrogatepass')):,} bytes; --full shows all)"


def compact_json(value: object) -> str:
    """Encode as one line of ASCII JSON, so that nothing in it can control a terminal."""
    return json.dumps(value, default=_json_default, separators=(",", ":")).replace("\x7f", "\\u007f")


def _json_default(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return vars(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
