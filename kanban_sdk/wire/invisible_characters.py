"""Invisible characters that change how a text reads: they are stored as sent, and displayed escaped.

ZERO WIDTH JOINER and NON-JOINER are not included: Persian and many emoji need them.
"""

from __future__ import annotations

from typing import Final

_RANGES: Final = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x180E, 0x180E),
    (0x200B, 0x200B),  # zero width space
    (0x200E, 0x200F),
    (0x2028, 0x202E),  # line separators, and bidirectional embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, bidirectional isolates
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags, and variation selectors that no emoji needs
)


def invisible(letter: str) -> bool:
    """Whether the character is one of them."""
    number = ord(letter)
    return number >= 0xAD and any(first <= number <= last for first, last in _RANGES)


def escaped(letter: str) -> str:
    """The character as it is displayed: `\\u202e`, or with eight digits if its code has more than four."""
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
