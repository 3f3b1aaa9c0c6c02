"""Users, their tokens, and who is a member of which board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from kanban_sdk.wire.shape import Shape

Role = Literal["admin", "user", "viewer"]
"""What somebody may do, on the server or on one board: everything; work with tickets; read and watch."""
Kind = Literal["person", "agent"]
Access = Literal["read", "write"]
Theme = Literal["system", "light", "dark"]
Notifications = Literal["all", "mentions", "none"]


@dataclass(frozen=True)
class User(Shape):
    """A user. An agent has an `owner`: the person whose rights it has at most.

    `avatar` is where the image is, below the server's address; None is to be drawn as initials. `former_names` are
    theirs too: what stands under one of them is still the user's. `theme` and `notifications` are told to them alone.
    """

    id: int
    name: str
    display_name: str | None
    role: Role
    kind: Kind
    owner: str | None
    team: str | None
    created_at: str
    disabled: bool = False
    avatar: str | None = None
    former_names: list[str] = field(default_factory=list)
    theme: Theme | None = None
    notifications: Notifications | None = None


@dataclass(frozen=True)
class Token(Shape):
    """A token, without its secret. `boards` are the only ones that it is for; None is no such limit."""

    id: int
    user: str
    name: str
    beginning: str
    access: Access
    boards: list[int] | None
    created_at: str
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None


@dataclass(frozen=True)
class NewToken(Shape):
    """A token that was just made: the only answer that holds its `secret`."""

    token: Token
    secret: str = field(repr=False)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The token as it stands in decoded JSON."""
        return super().read({**data, "token": Token.read(data["token"])})


@dataclass(frozen=True)
class NewUser(Shape):
    """A user that was just made, with the secret of a first token, where one was wanted."""

    user: User
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The user as it stands in decoded JSON."""
        return super().read({**data, "user": User.read(data["user"])})


@dataclass(frozen=True)
class Session(Shape):
    """Who one is to the server. In the `open` mode there are no users, and names are claims."""

    mode: Literal["open", "tokens"]
    user: User | None = None
    token: str | None = None
    access: Access | None = None
    boards: list[int] | None = None
    expires_at: str | None = None

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The session as it stands in decoded JSON."""
        return super().read({**data, "user": User.read(data["user"]) if data.get("user") else None})


@dataclass(frozen=True)
class Member(Shape):
    """A member of a board. Agents are members through the person that they belong to."""

    name: str
    display_name: str | None
    role: Role
    team: str | None
    since: str
    avatar: str | None = None


@dataclass(frozen=True)
class Invite(Shape):
    """An invite that was just made: good once, until `expires_at`. The secret stands behind the `#` of the link."""

    secret: str = field(repr=False)
    kind: Kind
    name: str | None
    expires_at: str


@dataclass(frozen=True)
class Audited(Shape):
    """Who an event was from, for admins: with which token and client, from which address, by which program."""

    seq: int
    event: str
    ticket_id: int | None
    actor: str
    actor_id: int | None
    token: str | None
    client: str | None
    address: str | None
    agent: str | None
    tx: str
    timestamp: str


@dataclass(frozen=True)
class Notified(Shape):
    """To how many connections of the instance that was asked a notice went; other instances pass it on too."""

    connections: int


@dataclass(frozen=True)
class Redacted(Shape):
    """How many texts a leaked secret was taken out of: of the ticket, its comments, and the log."""

    ticket_id: int
    places: int
    events: int
