"""The users that a comment mentions: `@name`, or `@"two words"`; code, such as a decorator, mentions nobody."""

from __future__ import annotations

import re

from kanban_sdk.wire import limits
from kanban_server.rules.actors import RESERVED_NAMES, normalize_name
from kanban_server.rules.markdown.code import strip_code

_MENTION = re.compile(r'(?<![\w@/.])@(?:"(?P<quoted>[^"\n]{1,200})"|(?P<plain>\w(?:[\w.\-/]*\w)?))')
"""A sign or letter before the `@` makes it part of something else, such as an address; a full stop may follow."""


def find_mentions(text: str) -> list[str]:
    """The mentioned names, each once, in the order of the text; the first fifty."""
    names: dict[str, None] = {}
    if "@" not in text:
        return []
    for match in _MENTION.finditer(normalize_name(strip_code(text))):
        name = normalize_name(match["quoted"] or match["plain"])
        if name and len(name) <= limits.USER_NAME_CHARACTERS and name not in RESERVED_NAMES:
            names[name] = None
        if len(names) == limits.MENTIONS:
            break
    return list(names)
