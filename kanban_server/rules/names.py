"""Who acts, and what may be a name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from kanban_sdk.wire import limits
from kanban_server.rules.refusals import Refusal

NOBODY = "anonymous"
SYSTEM = "system"
RESERVED = frozenset({NOBODY, SYSTEM})


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
    former: tuple[str, ...] = ()
    """What the user was called before."""
    seat: int | None = None
    """The id of the person who answers for it: the user, or the person that an agent belongs to. None without users."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the user is called, and was: what is theirs under one of these is theirs."""
        return (self.name, *self.former)

    @property
    def named(self) -> bool:
        """Whether anybody is named at all."""
        return self.name != NOBODY

    def forcing(self, force: bool) -> Actor:
        """The same, overriding what others hold, and limits, where `force` says so too."""
        return replace(self, force=True) if force and not self.force else self


ANONYMOUS = Actor(NOBODY)
THE_SYSTEM = Actor(SYSTEM)


def has_control(text: str, *, allowed: str = "") -> bool:
    """Whether the text holds a control character, a lone surrogate, or a line separator."""
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter not in allowed for letter in text)


def tidy(text: str) -> str:
    """The text as names are kept: trimmed, and in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text.strip())


def short_name(text: str, what: str, most: int) -> str:
    """The text as a name of `what`, tidied. Refused: `invalid-name`, for the empty, the long and control characters."""
    name = tidy(text)
    if not name:
        raise Refusal("invalid-name", f"The {what} is empty.", fix=f"Give a {what} of 1 to {most} characters.")
    if len(name) > most:
        raise Refusal(
            "invalid-name", f"The {what} has {len(name)} characters; {most} is the most.", fix="Shorten it.", limit=most
        )
    if has_control(name):
        raise Refusal("invalid-name", f"The {what} holds control characters.", fix="Take them out.")
    return name


@lru_cache(maxsize=4096)
def user_name(text: str) -> str:
    """The name of one who acts: trimmed, NFC, 1 to 64 characters, no control characters, and not a reserved word."""
    name = short_name(text, "user name", limits.USER_NAME_CHARACTERS)
    if name in RESERVED:
        raise Refusal("reserved-name", f"'{name}' is the server's own word.", fix="Choose another name.", name=name)
    return name


def past_name(text: str | None, otherwise: str) -> str:
    """The name of one who did something elsewhere, where it may have been nobody or a system."""
    return short_name(text, "user name", limits.USER_NAME_CHARACTERS) if text and text.strip() else otherwise


def assignee_name(text: str | None) -> str | None:
    """The name of one who is assigned; blank is nobody."""
    return user_name(text) if text and text.strip() else None
