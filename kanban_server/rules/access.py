"""What somebody may see and do.

A board that one may not see is not there: every look-up of the store starts from a `Viewer`. What goes beyond seeing is
a question here, asked of the viewer, or of the viewer's role on a board.
"""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.users import Role
from kanban_server.rules.names import tidy
from kanban_server.rules.refusals import Refusal


@dataclass(frozen=True)
class Viewer:
    """Who asks, and how far their rights go."""

    name: str
    role: Role = "user"
    id: int | None = None
    former: tuple[str, ...] = ()
    """What the user was called before."""
    seat: int | None = None
    """The person whose memberships count: the user, or the person that an agent belongs to."""
    agent: bool = False
    boards: frozenset[int] | None = None
    """The only boards that the token is for; None is no such limit."""
    writes: bool = True
    """Whether the token is good for more than reading."""
    token: str | None = None
    """The name of the token that was shown."""
    token_id: int | None = None
    until: str | None = None
    """When the token, or the session, ends."""
    open: bool = False
    """Whether this is anybody, on a server without users."""

    @property
    def everywhere(self) -> bool:
        """Whether boards are seen without being a member of them."""
        return self.role == "admin"

    @property
    def limited(self) -> bool:
        """Whether there may be boards that are not seen."""
        return not self.everywhere or self.boards is not None

    @property
    def whole(self) -> bool:
        """Whether the token is good for all that its user may do."""
        return self.writes and self.boards is None

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
"""The server itself, in its chores, and whoever is at its machine and may read its files."""
NOBODY = Viewer("anonymous", "viewer")
"""One whom a server with users does not know: no member of any board."""


def check_name(viewer: Viewer, name: str | None) -> None:
    """Refused: `name-mismatch`, where a request with somebody's token names somebody else as the one who acts."""
    if name is None or viewer.id is None or tidy(name) in {viewer.name, NOBODY.name, ""}:
        return
    raise Refusal(
        "name-mismatch",
        f"The token is {viewer.name}'s, and the request names somebody else.",
        fix=f"Leave the name out, or name {viewer.name}.",
        user=viewer.name,
    )


# On a board


def check_change(role: Role, board_id: int) -> None:
    """Refused: `not-allowed`, where a board may only be read and watched."""
    if role == "viewer":
        raise _on_board(f"You may read and watch board {board_id}, and not change it.", "user")


def check_arrange(role: Role) -> None:
    """Refused: `not-allowed`: the board itself, its columns, limits and members are its admins'."""
    if role != "admin":
        raise _on_board("Only an admin of the board changes the board itself.", "admin")


def check_force(role: Role) -> None:
    """Refused: `not-allowed`: only an admin of the board overrides what others hold, and limits."""
    if role != "admin":
        raise _on_board("Only an admin of the board overrides claims and limits.", "admin")


def check_delete(role: Role, what: str, *, own: bool) -> None:
    """Refused: `not-allowed`: one deletes one's own; an admin of the board deletes any."""
    if role != "admin" and not own:
        raise _on_board(f"Only who made {what}, or an admin of the board, deletes it.", "admin")


# On the server


def check_users(viewer: Viewer) -> None:
    """Refused: `open-mode`, `not-allowed`: users are an admin's, with a token that is not narrowed."""
    check_known(viewer)
    check_operator(viewer, "does this for others")


def check_operator(viewer: Viewer, what: str) -> None:
    """Refused: `not-allowed`, where something is left to the server's admins, and there are any."""
    if not (viewer.everywhere and viewer.whole):
        raise Refusal("not-allowed", f"Only an admin {what}.", fix="Ask an admin of the server.", needs="admin")


def check_own(viewer: Viewer) -> None:
    """Refused: `open-mode`, `not-allowed`: a person hands out rights, with a token that is not narrowed."""
    check_known(viewer)
    if viewer.agent or not viewer.whole:
        detail = "An agent, or a token that was narrowed, can't hand out rights."
        raise Refusal("not-allowed", detail, fix="Ask the person that it belongs to.", needs="user")


def check_writes(viewer: Viewer) -> None:
    """Refused: `not-allowed`, for tokens that are for reading."""
    if not viewer.writes:
        raise Refusal("not-allowed", "This token is for reading.", fix="Use one that may write.", needs="user")


def check_new_board(viewer: Viewer) -> None:
    """Refused: `not-allowed`, for viewers and for tokens that were narrowed."""
    if viewer.role == "viewer" or not viewer.whole:
        raise Refusal("not-allowed", "You may not make boards.", fix="Ask an admin to make it.", needs="user")


def check_known(viewer: Viewer) -> None:
    """Refused: `open-mode`, where there are no users yet."""
    if viewer.open:
        raise Refusal(
            "open-mode",
            "This server has no users: whoever reaches it may do everything, under any name.",
            fix="Make the first admin on the server's own machine: kanban user create NAME --admin",
        )


def _on_board(detail: str, needs: Role) -> Refusal:
    return Refusal("not-allowed", detail, fix=f"Ask an admin of the board for the role '{needs}'.", needs=needs)
