"""Members of boards."""

from __future__ import annotations

from urllib.parse import quote

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.shape import list_of
from kanban_sdk.wire.users import Member, Role


def all(board: int) -> Call[list[Member]]:
    """The members of a board, by name. Raises NotFound."""
    return Call("GET", f"/api/boards/{board}/members", list_of(Member.read))


def put(board: int, user: str | None = None, *, team: str | None = None, role: Role = "user") -> Call[list[Member]]:
    """Make a user, or (admins of the server) every user of a team, a member with a role.

    Raises NotFound, NotAllowed.
    """
    body = {"role": role, **without_none(user=user, team=team)}
    return Call("POST", f"/api/boards/{board}/members", list_of(Member.read), body=body)


def remove(board: int, user: str) -> Call[Message]:
    """End a membership: the user and their agents can no longer see the board. Raises NotFound."""
    return Call("DELETE", f"/api/boards/{board}/members/{quote(user, safe='')}", Message.read)
