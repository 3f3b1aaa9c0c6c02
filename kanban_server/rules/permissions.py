"""What a viewer may see and do.

A board that the viewer may not see does not exist for them: every query of the store starts from a `Viewer`. Rights
beyond seeing are checked here, for the viewer, or for the viewer's role on a board.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.users import Role
from kanban_server.rules.actors import normalize_name
from kanban_server.rules.problems import Refusal


@dataclass(frozen=True)
class Viewer:
    """Who reads or writes, and their rights."""

    name: str
    role: Role = "user"
    id: int | None = None
    former_names: tuple[str, ...] = ()
    """The user's earlier names."""
    person_id: int | None = None
    """The person whose memberships count: the user, or the person that an agent belongs to."""
    agent: bool = False
    boards: frozenset[int] | None = None
    """The only boards that the token is valid for; None means no such limit."""
    can_write: bool = True
    """Whether the token allows more than reading."""
    token: str | None = None
    """The name of the token of the request."""
    token_id: int | None = None
    until: str | None = None
    """When the token or the session expires."""
    can: frozenset[str] = frozenset()
    """The tags of what the viewer can do, of those that tickets need."""
    can_narrowed: bool = False
    """Whether the token leaves out tags of its user."""
    open: bool = False
    """Whether this is an unauthenticated viewer on a server without users."""

    @property
    def is_admin(self) -> bool:
        """Whether the viewer sees boards without being a member of them."""
        return self.role == "admin"

    @property
    def is_limited(self) -> bool:
        """Whether there may be boards that the viewer does not see."""
        return not self.is_admin or self.boards is not None

    @property
    def has_full_scope(self) -> bool:
        """Whether the token allows everything that its user may do."""
        return self.can_write and self.boards is None

    def covers_board(self, board_id: int) -> bool:
        """Whether the token is valid for the board."""
        return self.boards is None or board_id in self.boards

    def board_role(self, member_role: Role | None) -> Role:
        """The role on a board: the member's, but `viewer` for viewers and read-only tokens, `admin` for admins."""
        if not self.can_write or self.role == "viewer":
            return "viewer"
        return "admin" if self.is_admin else member_role or "viewer"


OPEN_MODE_VIEWER = Viewer("anonymous", "admin", open=True)
"""Everybody, on a server without users."""
SYSTEM_VIEWER = Viewer("system", "admin")
"""The server itself, in its background jobs, and whoever may read its files on its machine."""
UNKNOWN_VIEWER = Viewer("anonymous", "viewer")
"""A viewer that a server with users does not know: a member of no board."""


def check_name_matches(viewer: Viewer, name: str | None) -> None:
    """Refused: `name-mismatch`, if a request with a user's token names another user as the actor."""
    if name is None or viewer.id is None or normalize_name(name) in {viewer.name, UNKNOWN_VIEWER.name, ""}:
        return
    raise Refusal(
        "name-mismatch",
        f"The token is {viewer.name}'s, and the request names somebody else.",
        fix=f"Leave the name out, or name {viewer.name}.",
        user=viewer.name,
    )


# On a board


def check_board_write(role: Role, board_id: int) -> None:
    """Refused: `not-allowed`, if the viewer may only read and watch the board."""
    if role == "viewer":
        raise _board_refusal(f"You may read and watch board {board_id}, and not change it.", "user")


def check_board_admin(role: Role) -> None:
    """Refused: `not-allowed`: only admins of the board change the board itself, its columns, limits and members."""
    if role != "admin":
        raise _board_refusal("Only an admin of the board changes the board itself.", "admin")


def check_import(role: Role) -> None:
    """Refused: `not-allowed`: only an admin of the board imports, since an import writes in the names of others."""
    if role != "admin":
        detail = "Only an admin of the board imports: an import writes names, times and a history of others."
        raise _board_refusal(detail, "admin")


def check_force(role: Role) -> None:
    """Refused: `not-allowed`: only an admin of the board overrides the claims of others, and limits."""
    if role != "admin":
        raise _board_refusal("Only an admin of the board overrides claims and limits.", "admin")


def check_delete(role: Role, what: str, *, own: bool) -> None:
    """Refused: `not-allowed`: a user deletes what is their own; an admin of the board deletes anything."""
    if role != "admin" and not own:
        raise _board_refusal(f"Only who made {what}, or an admin of the board, deletes it.", "admin")


# On the server


def check_user_admin(viewer: Viewer) -> None:
    """Refused: `open-mode`, `not-allowed`: only an admin, with an unrestricted token, manages users."""
    check_users_exist(viewer)
    check_server_admin(viewer, "does this for others")


def check_server_admin(viewer: Viewer, what: str) -> None:
    """Refused: `not-allowed`, if only the server's admins may do this, and the server has users."""
    if not (viewer.is_admin and viewer.has_full_scope):
        raise Refusal("not-allowed", f"Only an admin {what}.", fix="Ask an admin of the server.", needs="admin")


def check_may_grant(viewer: Viewer) -> None:
    """Refused: `open-mode`, `not-allowed`: only a person, with an unrestricted token, grants rights."""
    check_users_exist(viewer)
    if viewer.agent or not viewer.has_full_scope or viewer.can_narrowed:
        detail = "An agent, or a token that was narrowed, can't hand out rights."
        raise Refusal("not-allowed", detail, fix="Ask the person that it belongs to.", needs="user")


def check_may_write(viewer: Viewer) -> None:
    """Refused: `not-allowed`, for read-only tokens."""
    if not viewer.can_write:
        raise Refusal("not-allowed", "This token is for reading.", fix="Use one that may write.", needs="user")


def check_new_board(viewer: Viewer) -> None:
    """Refused: `not-allowed`, for viewers and for restricted tokens."""
    if viewer.role == "viewer" or not viewer.has_full_scope:
        raise Refusal("not-allowed", "You may not make boards.", fix="Ask an admin to make it.", needs="user")


def check_users_exist(viewer: Viewer) -> None:
    """Refused: `open-mode`, if there are no users yet."""
    if viewer.open:
        raise Refusal(
            "open-mode",
            "This server has no users: whoever reaches it may do everything, under any name.",
            fix="Make the first admin on the server's own machine: kanban user create NAME --admin",
        )


def _board_refusal(detail: str, needs: Role) -> Refusal:
    return Refusal("not-allowed", detail, fix=f"Ask an admin of the board for the role '{needs}'.", needs=needs)
