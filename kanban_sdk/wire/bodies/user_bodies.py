"""What clients send about users, tokens and members. Loaded by the server and by type checkers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le, MaxLen, MinLen
from typing_extensions import TypedDict

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies import Id, Tags
from kanban_sdk.wire.users import Access, Kind, Notifications, Role, Theme

Days = Annotated[int, Ge(1), Le(limits.TOKEN_DAYS_MOST)]
Scope = Annotated[list[Id], MinLen(1), MaxLen(limits.TOKEN_BOARDS)]


@dataclass(frozen=True)
class NewUserRequest:
    """A user to create. An agent belongs to its `owner`, by default the user who creates it."""

    name: str
    display_name: str | None = None
    role: Role = "user"
    kind: Kind = "person"
    owner: str | None = None
    team: str | None = None
    token: bool = True
    """Whether a first token is created too."""
    can: Tags | None = None


class Profile(TypedDict, total=False):
    """The fields that every user may change of their own profile."""

    display_name: str | None
    team: str | None
    theme: Theme
    notifications: Notifications


class UserEdit(TypedDict, total=False):
    """The fields that an admin may change of a user."""

    name: str
    display_name: str | None
    team: str | None
    role: Role
    disabled: bool
    can: Tags


@dataclass(frozen=True)
class NewTokenRequest:
    """A token to create: for oneself, or for `user`.

    Optionally for some boards only, read-only, for some days, or with some of the user's `can` only.
    """

    name: str
    user: str | None = None
    access: Access = "write"
    boards: Scope | None = None
    days: Days | None = None
    can: Tags | None = None


@dataclass(frozen=True)
class NewInviteRequest:
    """An invite to create: for an agent of the actor's, or, by an admin, for a person."""

    kind: Kind = "agent"
    name: str | None = None
    role: Role = "user"
    access: Access = "write"
    boards: Scope | None = None
    hours: Annotated[int, Ge(1), Le(24 * 30)] = 24


@dataclass(frozen=True)
class JoinRequest:
    """An invite to accept. `name` is required if the invite has none."""

    invite: str
    name: str | None = None


@dataclass(frozen=True)
class Login:
    """The token that a browser logs in with."""

    token: str


@dataclass(frozen=True)
class NewMemberRequest:
    """A member to add to a board, and their role: a user, or every current user of a team."""

    user: str | None = None
    team: str | None = None
    role: Role = "user"


@dataclass(frozen=True)
class NoticeRequest:
    """A transient notice: to `users`, or to everybody who is connected."""

    text: Annotated[str, MinLen(1), MaxLen(limits.NOTICE_CHARACTERS)]
    users: Annotated[list[str], MinLen(1), MaxLen(100)] | None = None


@dataclass(frozen=True)
class Redaction:
    """A leaked text to remove wherever it occurs in a ticket and in what is stored about it."""

    text: Annotated[str, MinLen(limits.REDACTED_LEAST)]


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "UserWanted": "NewUserRequest",
            "TokenWanted": "NewTokenRequest",
            "InviteWanted": "NewInviteRequest",
            "Joining": "JoinRequest",
            "MemberWanted": "NewMemberRequest",
            "NoticeWanted": "NoticeRequest",
        },
    )
