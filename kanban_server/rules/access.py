"""What somebody may see and do.

A board that one may not see is not there: every look-up of the store starts from a `Viewer`. What goes beyond seeing is
a question here, asked of the viewer's role on the board.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.users import Role
from kanban_server.rules.refusals import Refusal


@dataclass(frozen=True)
class Viewer:
    """Who asks, and how far their rights go."""

    name: str
    role: Role = "user"
    id: int | None = None
    seat: int | None = None
    """The person whose memberships count: the user, or the person that an agent belongs to."""
    agent: bool = False
    boards: frozenset[int] | None = None
    """The only boards that the token is for; None is no such limit."""
    writes: bool = True
    """Whether the token is good for more than reading."""
    token: str | None = None
    """The name of the token that was shown."""
    open: bool = False
    """Whether this is anybody, on a server without users."""

    @property
    def everywhere(self) -> bool:
        """Whether boards are seen without being a member of them."""
        return self.role == "admin"

    def reaches(self, board_id: int) -> bool:
        """Whether the token is good for the board."""
        return self.boards is None or board_id in self.boards

    def on(self, member: Role | None) -> Role:
        """The role on a board: as its member, and never more than one's own role, or than the token is good for."""
        if not self.writes or self.role == "viewer":
            return "viewer"
        return "admin" if self.everywhere else member or "viewer"


EVERYBODY = Viewer("anonymous", "admin", open=True)
"""Anybody, on a server without users."""
THE_SERVER = Viewer("system", "admin")
"""The server itself, in its chores."""


def check_change(role: Role, board_id: int) -> None:
    """Refused: `not-allowed`, where a board may only be read and watched."""
    if role == "viewer":
        raise _not_allowed(f"You may read board {board_id}, and not change it.", "user")


def check_admin(role: Role, what: str) -> None:
    """Refused: `not-allowed`, where something is left to the board's admins."""
    if role != "admin":
        raise _not_allowed(f"Only an admin of the board {what}.", "admin")


def check_operator(viewer: Viewer, what: str) -> None:
    """Refused: `not-allowed`, where something is left to the server's admins."""
    if viewer.role != "admin":
        raise Refusal("not-allowed", f"Only an admin {what}.", fix="Ask an admin of the server.", needs="admin")


def may_delete(role: Role, *, own: bool) -> bool:
    """Whether a ticket or a comment may be deleted: one's own, or any by an admin of its board."""
    return own or role == "admin"


def _not_allowed(detail: str, needs: Role) -> Refusal:
    return Refusal("not-allowed", detail, fix=f"Ask an admin of the board for the role '{needs}'.", needs=needs)
