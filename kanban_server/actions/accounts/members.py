"""Members of a board and their roles."""

from __future__ import annotations

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.user_bodies import NewMemberRequest
from kanban_sdk.wire.users import Member
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor, check_user_name
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.queries import boards, members, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


def list_members(tx: ReadTransaction, board_id: int) -> list[Member]:
    """The members of a board, by name. Refused: `not-found`."""
    boards.read(tx, board_id)
    return members.read_members(tx, board_id)


def set_members(tx: Transaction, actor: Actor, board_id: int, request: NewMemberRequest) -> list[Member]:
    """Make a user, or all current users of a team, members with a role. Returns the board's members.

    Only admins of the server may name a team, since only they set a user's team. Refused: `not-found`, `not-allowed`,
    `open-mode`, and `invalid-request` for an agent.
    """
    board = boards.lock(tx, board_id)
    permissions.check_may_grant(tx.viewer)
    permissions.check_board_admin(board.role)
    users.increment_roster_version(tx)
    for row in _target_users(tx, request):
        members.set_role(tx, board_id, row["id"], request.role, board.now)
    return members.read_members(tx, board_id)


def remove_member(tx: Transaction, actor: Actor, board_id: int, name: str) -> Message:
    """Remove a member, who may be the viewer. The member and their agents no longer see the board.

    Refused: `not-found`, `not-allowed`, `open-mode`.
    """
    board = boards.lock(tx, board_id) if name != tx.viewer.name else None
    boards.read(tx, board_id)
    permissions.check_may_grant(tx.viewer)
    if board is not None:
        permissions.check_board_admin(board.role)
    users.increment_roster_version(tx)
    row = tx.one(users.BY_NAME, of_name=check_user_name(name))
    if row is None or not tx.run(members.DELETE, of_board=board_id, of_user=row["id"]):
        raise not_found("member", name, fix="List the board's members.")
    return Message(f"{name} is no member of board {board_id} any longer.")


def _target_users(tx: Transaction, request: NewMemberRequest) -> list[Row]:
    """The users that a request names. An admin of a board may name any user whose name they know."""
    if (request.user is None) == (request.team is None):
        raise Refusal("invalid-request", "Name a user, or a team.", fix="Send `user` or `team`.", field="user")
    if request.team is not None:
        permissions.check_server_admin(tx.viewer, "of the server adds members by team")
        rows = tx.all(users.BY_TEAM, of_team=request.team.strip())
        if not rows:
            raise not_found("team", request.team, fix="List the users with their teams.")
        return rows
    row = tx.one(users.BY_NAME, of_name=check_user_name(request.user or ""))
    if row is None:
        raise not_found("user", request.user, fix="List the users.")
    if row["kind"] == "agent":
        raise Refusal(
            "invalid-request",
            f"{row['name']} is an agent, and sees the boards of {row['owner']}.",
            fix=f"Make {row['owner']} a member, or narrow the agent's token to some boards.",
            field="user",
        )
    return [row]
