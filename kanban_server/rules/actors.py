"""Who acts, and what may be a name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

ANONYMOUS_NAME = "anonymous"
SYSTEM_NAME = "system"
RESERVED_NAMES = frozenset({ANONYMOUS_NAME, SYSTEM_NAME})


@dataclass(frozen=True)
class Actor:
    """Who does something, and with which client."""

    name: str
    client: str | None = None
    id: int | None = None
    lease: str | None = None
    """The token of the claim that the change is made under."""
    token: str | None = None
    """The name of the access token that was shown."""
    address: str | None = None
    """From where it was done, on a server with users."""
    agent: str | None = None
    """The program that did it, as it calls itself."""
    force: bool = False
    """Whether what others hold, and limits, are to be overridden."""
    former_names: tuple[str, ...] = ()
    """What the user was called before."""
    person_id: int | None = None
    """The id of the person who answers for it: the user, or the person that an agent belongs to. None without users."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the user is called, and was: what is theirs under one of these is theirs."""
        return (self.name, *self.former_names)

    @property
    def is_named(self) -> bool:
        """Whether anybody is named at all."""
        return self.name != ANONYMOUS_NAME

    def with_force(self, force: bool) -> Actor:
        """The same, overriding what others hold, and limits, where `force` says so too."""
        return replace(self, force=True) if force and not self.force else self


ANONYMOUS_ACTOR = Actor(ANONYMOUS_NAME)
SYSTEM_ACTOR = Actor(SYSTEM_NAME)


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    """Whether the text holds a control character, a lone surrogate, or a line separator."""
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter not in allowed for letter in text)


def normalize_name(text: str) -> str:
    """The text as names are kept: trimmed, and in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text.strip())


def check_short_name(text: str, label: str, limit: int) -> str:
    """The text as a name of `what`, tidied. Refused: `invalid-name`, for the empty, the long and control characters."""
    name = normalize_name(text)
    if not name:
        raise Refusal("invalid-name", f"The {label} is empty.", fix=f"Give a {label} of 1 to {limit} characters.")
    if len(name) > limit:
        raise Refusal(
            "invalid-name",
            f"The {label} has {len(name)} characters; {limit} is the most.",
            fix="Shorten it.",
            limit=limit,
        )
    if has_control_characters(name):
        raise Refusal("invalid-name", f"The {label} holds control characters.", fix="Take them out.")
    return name


@lru_cache(maxsize=4096)
def check_user_name(text: str) -> str:
    """The name of one who acts: trimmed, NFC, 1 to 64 characters, no control characters, and not a reserved word."""
    name = check_short_name(text, "user name", limits.USER_NAME_CHARACTERS)
    if name in RESERVED_NAMES:
        raise Refusal("reserved-name", f"'{name}' is the server's own word.", fix="Choose another name.", name=name)
    return name


def imported_name(text: str | None, default: str) -> str:
    """The name of one who did something elsewhere, where it may have been nobody or a system."""
    return check_short_name(text, "user name", limits.USER_NAME_CHARACTERS) if text and text.strip() else default


def check_assignee(text: str | None) -> str | None:
    """The name of one who is assigned; blank is nobody."""
    return check_user_name(text) if text and text.strip() else None
