"""Valid priorities, and their order."""

from __future__ import annotations

import re

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

PRIORITY_WORDS = ("critical", "high", "medium", "low")
DEFAULT_PRIORITY = "medium"
SYNONYMS = {"urgent": "critical"}

_DOTTED = re.compile(
    rf"[0-9]{{1,{limits.PRIORITY_DIGITS}}}(\.[0-9]{{1,{limits.PRIORITY_DIGITS}}}){{0,{limits.PRIORITY_PARTS - 1}}}"
)


def check_priority(text: str | None) -> str:
    """The priority as stored: a word, or a dotted number as sent; None becomes medium."""
    if text is None:
        return DEFAULT_PRIORITY
    word = SYNONYMS.get(text, text)
    if word in PRIORITY_WORDS or _DOTTED.fullmatch(word):
        return word
    raise Refusal(
        "invalid-priority",
        f"'{text[:80]}' is not a priority.",
        fix="Give critical, high, medium or low, or a dotted number such as 2.0 or 1.0.1.",
        priorities=list(PRIORITY_WORDS),
    )


def sort_key(priority: str) -> str:
    """A text that sorts bytewise in the order of priorities: part by part, lower first; the four words are 0 to 3."""
    number = str(PRIORITY_WORDS.index(priority)) if priority in PRIORITY_WORDS else priority
    return ".".join(part.zfill(limits.PRIORITY_DIGITS) for part in number.split("."))
