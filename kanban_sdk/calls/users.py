"""Users, and the actor's own profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.shape import list_of
from kanban_sdk.wire.users import Kind, NewUser, NoticeResult, Role, Session, User

if TYPE_CHECKING:
    from typing import Unpack

    from kanban_sdk.wire.bodies.user_bodies import Profile, UserEdit


def all() -> Call[list[User]]:
    """The users that the viewer may see, by name: all for an admin, else those who share a board, and their agents."""
    return Call("GET", "/api/users", list_of(User.read))


def create(
    name: str,
    *,
    role: Role = "user",
    kind: Kind = "person",
    owner: str | None = None,
    display_name: str | None = None,
    team: str | None = None,
    token: bool = True,
    can: Sequence[str] | None = None,
) -> Call[NewUser]:
    """Create a person (admins only), or an agent of the actor's; with a first token, whose `secret` is returned once.

    `can` are tags of what tickets need (admins only). Raises Conflict if the name is, or was, another user's;
    NotAllowed.
    """
    body = {"name": name, "role": role, "kind": kind, "token": token}
    body |= without_none(owner=owner, display_name=display_name, team=team, can=None if can is None else list(can))
    return Call("POST", "/api/users", NewUser.read, body=body)


def get(name: str) -> Call[User]:
    """One user. Raises NotFound."""
    return Call("GET", f"/api/users/{quote(name, safe='')}", User.read)


def edit(user: str, **fields: Unpack[UserEdit]) -> Call[User]:
    """Change a user; `disabled` ends their sessions and tokens. Raises NotFound, NotAllowed, Conflict."""
    return Call("PATCH", f"/api/users/{quote(user, safe='')}", User.read, body=dict(fields))


def me() -> Call[User]:
    """The actor's user. Raises Conflict if the server has no users."""
    return Call("GET", "/api/me", User.read)


def edit_me(**fields: Unpack[Profile]) -> Call[User]:
    """Change the actor's profile: `display_name`, `theme`, `notifications`; an admin of the server also the `team`."""
    return Call("PATCH", "/api/me", User.read, body=dict(fields))


def notify(text: str, users: Sequence[str] | None = None) -> Call[NoticeResult]:
    """Send a transient notice to all who are connected, or to some. It is not stored. For admins. Raises NotAllowed."""
    body = without_none(text=text, users=None if users is None else list(users))
    return Call("POST", "/api/notices", NoticeResult.read, body=body)


def session() -> Call[Session]:
    """Who the viewer is to the server, and whether it has users at all."""
    return Call("GET", "/api/session", Session.read)
