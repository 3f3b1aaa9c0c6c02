"""Users, their tokens, and the members of boards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.shape import Shape, readers

Role = Literal["admin", "user", "viewer"]
"""What a user may do, on the server or on one board: everything; work with tickets; read and watch."""
Kind = Literal["person", "agent"]
Access = Literal["read", "write"]
Theme = Literal["system", "light", "dark"]
Notifications = Literal["all", "mentions", "none"]


@dataclass(frozen=True)
class User(Shape):
    """A user. An agent has an `owner`: the person whose rights are the most that it can have.

    `avatar` is the path of the image on the server; None means that initials are drawn. What is recorded under one of
    `former_names` still belongs to the user. `theme` and `notifications` are sent only to the user. `can` are
    tags: what the user can do, of what tickets need. An admin gives them.
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
    can: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Token(Shape):
    """A token, without its secret.

    `boards` are the only boards that it is valid for, and `can` the only tags of its user's; None means no such limit.
    """

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
    can: list[str] | None = None


@dataclass(frozen=True)
class NewToken(Shape):
    """A token that was just created: the only response that contains its `secret`."""

    token: Token
    secret: str = field(repr=False)

    READERS = readers(token=Token.read)


@dataclass(frozen=True)
class NewUser(Shape):
    """A user that was just created, with the secret of a first token if one was requested."""

    user: User
    secret: str | None = field(default=None, repr=False)

    READERS = readers(user=User.read)


@dataclass(frozen=True)
class Session(Shape):
    """Who the viewer is to the server. In the `open` mode there are no users, and names are not verified."""

    mode: Literal["open", "tokens"]
    user: User | None = None
    token: str | None = None
    access: Access | None = None
    boards: list[int] | None = None
    expires_at: str | None = None
    can: list[str] | None = None

    READERS = readers(user=User.read)


@dataclass(frozen=True)
class Member(Shape):
    """A member of a board. An agent is a member through the person that it belongs to."""

    name: str
    display_name: str | None
    role: Role
    team: str | None
    since: str
    avatar: str | None = None


@dataclass(frozen=True)
class Invite(Shape):
    """An invite that was just created: valid once, until `expires_at`. The secret is in the link, after the `#`."""

    secret: str = field(repr=False)
    kind: Kind
    name: str | None
    expires_at: str


@dataclass(frozen=True)
class AuditEntry(Shape):
    """The origin of an event, for admins: token, client, address and program."""

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
class NoticeResult(Shape):
    """To how many connections of this instance a notice was sent; other instances send it to theirs too."""

    connections: int


@dataclass(frozen=True)
class RedactionResult(Shape):
    """From how many texts a leaked secret was removed: of the ticket, its comments, and the log."""

    ticket_id: int
    places: int
    events: int


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Notified": "NoticeResult",
            "Redacted": "RedactionResult",
            "Audited": "AuditEntry",
        },
    )
