"""Who is a member of a board, and with which role."""

from __future__ import annotations

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.user_bodies import MemberWanted
from kanban_sdk.wire.users import Member
from kanban_server.rules import access
from kanban_server.rules.names import Actor, user_name
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store import boards, members, users
from kanban_server.store.transaction import Reading, Row, Transaction


def of_board(tx: Reading, board_id: int) -> list[Member]:
    """The members of a board, by name. Refused: `not-found`."""
    boards.read(tx, board_id)
    return members.of_board(tx, board_id)


def put(tx: Transaction, actor: Actor, board_id: int, wanted: MemberWanted) -> list[Member]:
    """Make a user, or everybody who is of a team now, a member with a role. Gives the members that there are then.

    Teams are for admins of the server, who alone say who is of which. Refused: `not-found`, `not-allowed`, `open-mode`,
    and `invalid-request` for an agent.
    """
    board = boards.lock(tx, board_id)
    access.check_own(tx.viewer)
    access.check_arrange(board.role)
    users.turn(tx)
    for row in _meant(tx, wanted):
        members.put(tx, board_id, row["id"], wanted.role, board.now)
    return members.of_board(tx, board_id)


def remove(tx: Transaction, actor: Actor, board_id: int, name: str) -> Message:
    """End a membership, one's own too: the board is no longer there for them, nor for their agents."""
    board = boards.lock(tx, board_id) if name != tx.viewer.name else None
    boards.read(tx, board_id)
    access.check_own(tx.viewer)
    if board is not None:
        access.check_arrange(board.role)
    users.turn(tx)
    row = tx.one(users.BY_NAME, of_name=user_name(name))
    if row is None or not tx.run(members.REMOVE, of_board=board_id, of_user=row["id"]):
        raise not_found("member", name, fix="List the board's members.")
    return Message(f"{name} is no member of board {board_id} any longer.")


def _meant(tx: Transaction, wanted: MemberWanted) -> list[Row]:
    """The users who are meant: an admin of a board may name anybody whose name they know."""
    if (wanted.user is None) == (wanted.team is None):
        raise Refusal("invalid-request", "Name a user, or a team.", fix="Send `user` or `team`.", field="user")
    if wanted.team is not None:
        access.check_operator(tx.viewer, "of the server adds members by team")
        rows = tx.all(users.OF_TEAM, of_team=wanted.team.strip())
        if not rows:
            raise not_found("team", wanted.team, fix="List the users with their teams.")
        return rows
    row = tx.one(users.BY_NAME, of_name=user_name(wanted.user or ""))
    if row is None:
        raise not_found("user", wanted.user, fix="List the users.")
    if row["kind"] == "agent":
        raise Refusal(
            "invalid-request",
            f"{row['name']} is an agent, and sees the boards of {row['owner']}.",
            fix=f"Make {row['owner']} a member, or narrow the agent's token to some boards.",
            field="user",
        )
    return [row]
