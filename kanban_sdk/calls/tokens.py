"""Tokens, and invites."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.shape import list_of
from kanban_sdk.wire.users import Access, Invite, Kind, NewToken, NewUser, Role, Token


def all(user: str | None = None) -> Call[list[Token]]:
    """The tokens of the actor and their agents, or those of `user`, or, with `*`, all. Without their secrets.

    Raises NotAllowed, NotFound.
    """
    return Call("GET", "/api/tokens", list_of(Token.read), query={"user": user})


def create(
    name: str,
    *,
    user: str | None = None,
    access: Access = "write",
    boards: Sequence[int] | None = None,
    days: int | None = None,
    can: Sequence[str] | None = None,
) -> Call[NewToken]:
    """Create a token, for the actor or for `user`; its `secret` is returned only this once.

    It may be valid for some `boards` only, for reading only, for some `days`, and with some of the user's `can` only.
    Raises NotAllowed, NotFound, Invalid.
    """
    boards_list, can_list = None if boards is None else list(boards), None if can is None else list(can)
    body = without_none(name=name, user=user, access=access, boards=boards_list, days=days, can=can_list)
    return Call("POST", "/api/tokens", NewToken.read, body=body)


def revoke(token: int) -> Call[Message]:
    """Revoke a token, and the sessions that were opened with it. Raises NotFound."""
    return Call("DELETE", f"/api/tokens/{token}", Message.read)


def invite(
    name: str | None = None,
    *,
    kind: Kind = "agent",
    role: Role = "user",
    access: Access = "write",
    boards: Sequence[int] | None = None,
    hours: int = 24,
) -> Call[Invite]:
    """Invite an agent of the actor's, or (admins only) a person: valid once, for 1 to 720 hours. Raises NotAllowed."""
    boards_list = None if boards is None else list(boards)
    body = without_none(kind=kind, role=role, access=access, hours=hours, name=name, boards=boards_list)
    return Call("POST", "/api/invites", Invite.read, body=body)


def join(invite: str, name: str | None = None) -> Call[NewUser]:
    """Accept an invite: creates a user with a token. Raises NotAllowed if the invite is used or has expired."""
    return Call("POST", "/api/join", NewUser.read, body=without_none(invite=invite, name=name))
