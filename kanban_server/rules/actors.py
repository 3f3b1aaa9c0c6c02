"""Actors, and the rules for names."""

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
    """Who makes a change, and with which client."""

    name: str
    client: str | None = None
    id: int | None = None
    lease: str | None = None
    """The token of the claim that the change is made under."""
    token: str | None = None
    """The name of the access token of the request."""
    address: str | None = None
    """The client's IP address, on a server with users."""
    agent: str | None = None
    """The client program, as it identifies itself."""
    force: bool = False
    """Whether to override the claims of others, and limits."""
    former_names: tuple[str, ...] = ()
    """The user's earlier names."""
    person_id: int | None = None
    """The id of the responsible person: the user, or the person that an agent belongs to. None without users."""
    importing: bool = False
    """Whether the change comes from an import."""
    can: frozenset[str] = frozenset()
    """The tags of what the user can do, of those that tickets need. Empty without users."""

    @property
    def names(self) -> tuple[str, ...]:
        """The user's name and earlier names: what is recorded under any of them is the user's."""
        return (self.name, *self.former_names)

    @property
    def is_named(self) -> bool:
        """Whether the actor has a name."""
        return self.name != ANONYMOUS_NAME

    def with_force(self, force: bool) -> Actor:
        """The same actor, with `force` set if it is given here."""
        return replace(self, force=True) if force and not self.force else self


ANONYMOUS_ACTOR = Actor(ANONYMOUS_NAME)
SYSTEM_ACTOR = Actor(SYSTEM_NAME)


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    """Whether the text contains a control character, a lone surrogate, or a line separator."""
    if text.isprintable():
        return False
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter not in allowed for letter in text)


def normalize_name(text: str) -> str:
    """The normal form of a name: trimmed, and in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text.strip())


def check_short_name(text: str, label: str, limit: int) -> str:
    """The normalized name. Refused: `invalid-name`, if it is empty, too long or contains control characters."""
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
    """A user's normalized name: trimmed, NFC, 1 to 64 characters, no control characters, and not reserved."""
    name = check_short_name(text, "user name", limits.USER_NAME_CHARACTERS)
    if name in RESERVED_NAMES:
        raise Refusal("reserved-name", f"'{name}' is the server's own word.", fix="Choose another name.", name=name)
    return name


def imported_name(text: str | None, default: str) -> str:
    """The name of a user in another tracker, or `default` if it is missing or blank (nobody, or a system)."""
    return check_short_name(text, "user name", limits.USER_NAME_CHARACTERS) if text and text.strip() else default


def check_assignee(text: str | None) -> str | None:
    """The name of an assignee; None if it is blank."""
    return check_user_name(text) if text and text.strip() else None
