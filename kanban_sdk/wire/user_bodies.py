"""What clients send about users, tokens and members. Loaded by the server and by type checkers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen
from typing_extensions import TypedDict

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.users import Access, Kind, Notifications, Role, Theme

Days = Annotated[int, Ge(1), Le(limits.TOKEN_DAYS_MOST)]
Scope = Annotated[list[Id], MinLen(1), MaxLen(limits.TOKEN_BOARDS)]


@dataclass(frozen=True)
class UserWanted:
    """A user to make. An agent belongs to its `owner`, the one who makes it where none is named."""

    name: str
    display_name: str | None = None
    role: Role = "user"
    kind: Kind = "person"
    owner: str | None = None
    team: str | None = None
    token: bool = True
    """Whether a first token is wanted too."""


class Profile(TypedDict, total=False):
    """What everybody may change of themselves."""

    display_name: str | None
    team: str | None
    theme: Theme
    notifications: Notifications


class UserEdit(TypedDict, total=False):
    """What an admin may change of a user."""

    name: str
    display_name: str | None
    team: str | None
    role: Role
    disabled: bool


@dataclass(frozen=True)
class TokenWanted:
    """A token to make: for oneself, or for `user`; for some boards only, for reading only, until some day."""

    name: str
    user: str | None = None
    access: Access = "write"
    boards: Scope | None = None
    days: Days | None = None


@dataclass(frozen=True)
class InviteWanted:
    """An invite to make: to an agent of one's own, or, by an admin, to a person."""

    kind: Kind = "agent"
    name: str | None = None
    role: Role = "user"
    access: Access = "write"
    boards: Scope | None = None
    hours: Annotated[int, Ge(1), Le(24 * 30)] = 24


@dataclass(frozen=True)
class Joining:
    """An invite that is taken. `name` is needed where the invite has none."""

    invite: str
    name: str | None = None


@dataclass(frozen=True)
class Login:
    """The token that a browser logs in with."""

    token: str


@dataclass(frozen=True)
class MemberWanted:
    """Who is to be a member of a board, and with which role: a user, or everybody who is of a team now."""

    user: str | None = None
    team: str | None = None
    role: Role = "user"


@dataclass(frozen=True)
class NoticeWanted:
    """A passing notice: to `users`, or to all who are connected."""

    text: Annotated[str, MinLen(1), MaxLen(limits.NOTICE_CHARACTERS)]
    users: Annotated[list[str], MinLen(1), MaxLen(100)] | None = None


@dataclass(frozen=True)
class Redaction:
    """A text that leaked, to be blanked wherever it stands in a ticket and in what is kept of it."""

    text: Annotated[str, MinLen(limits.REDACTED_LEAST)]
