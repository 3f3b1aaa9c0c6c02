"""Actions on users, and on the viewer's own profile."""

from __future__ import annotations

from typing import Any

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.user_bodies import NewTokenRequest, NewUserRequest, Profile, UserEdit
from kanban_sdk.wire.users import NewUser, Session, User
from kanban_server.actions import change_warnings
from kanban_server.actions.accounts import tokens
from kanban_server.actions.accounts.quotas import NO_QUOTAS, Quotas, check_quota
from kanban_server.rules import avatars, permissions, validation
from kanban_server.rules.actors import Actor, check_short_name, check_user_name
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.queries import members, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


def create(tx: Transaction, actor: Actor, request: NewUserRequest, quotas: Quotas = NO_QUOTAS) -> NewUser:
    """Create a user: an admin creates persons, and a person creates their own agents, which have at most their rights.

    The first user has to be an admin, and becomes an admin of all existing boards. Refused: `name-taken`,
    `not-allowed`, `open-mode`, `last-admin`, `quota-exceeded`.
    """
    users.increment_roster_version(tx)
    is_first = tx.value(users.ANY) is None
    owner = _agent_owner(tx, request) if request.kind == "agent" else None
    if request.kind == "person":
        permissions.check_user_admin(tx.viewer)
    if is_first and (request.role != "admin" or request.kind != "person"):
        raise Refusal("last-admin", "The first user has to be an admin.", fix="kanban user create NAME --admin")
    if owner is not None and not tx.viewer.is_admin:
        check_quota(tx, quotas, "agents", owner["id"])
        if request.token:
            check_quota(tx, quotas, "tokens", owner["id"])
    row = insert_user(tx, request, None if owner is None else owner["id"])
    if is_first:
        for board in tx.all(members.BOARDS):
            members.set_role(tx, board["id"], row["id"], "admin", row["created_at"])
    token = tokens.insert_token(tx, row, NewTokenRequest("first")) if request.token else None
    return NewUser(users.to_wire(row), token.secret if token else None)


def insert_user(tx: Transaction, request: NewUserRequest, owner_id: int | None) -> Row:
    """Insert a user. Refused: `name-taken`, `invalid-name`, `reserved-name`, `not-allowed`."""
    name = check_user_name(request.name)
    if users.is_name_taken(tx, name):
        raise Refusal("name-taken", f"'{name}' is, or was, somebody's name.", fix="Choose another name.", name=name)
    if request.kind == "agent" and request.role == "admin":
        raise Refusal("not-allowed", "An agent is no admin of the server.", fix="Make it a user.", needs="user")
    team = _optional_name(request.team, "team")
    _check_team(tx.viewer, None, team)
    can = validation.check_tags(request.can or [], "can")
    _check_can(tx.viewer, [], can)
    change_warnings.user_name(tx, name)
    return users.insert_user(
        tx,
        name=name,
        display_name=_optional_name(request.display_name, "display name"),
        role=request.role,
        kind=request.kind,
        owner_id=owner_id,
        team=team,
        created_at=tx.now(),
        can=orjson.dumps(can).decode(),
    )


def edit(tx: Transaction, actor: Actor, name: str, request: UserEdit, quotas: Quotas = NO_QUOTAS) -> User:
    """Change a user: an admin changes any user, a person their own agents.

    Refused: `last-admin`, `name-taken`, `not-allowed`, `quota-exceeded`.
    """
    users.increment_roster_version(tx)
    row = users.read_by_name(tx, name)
    _check_may_edit(tx.viewer, row, request)
    changes = _profile_fields(request)
    _check_team(tx.viewer, row["team"], changes.get("team", row["team"]))
    if "role" in request:
        changes["role"] = request["role"]
    if "can" in request:
        can = validation.check_tags(request["can"], "can")
        _check_can(tx.viewer, orjson.loads(row["can"]), can)
        changes["can"] = orjson.dumps(can).decode()
    if "disabled" in request and request["disabled"] != (row["disabled_at"] is not None):
        changes["disabled_at"] = tx.now() if request["disabled"] else None
        if not request["disabled"] and not tx.viewer.is_admin:
            check_quota(tx, quotas, "agents", row["owner_id"])
    if "name" in request and (new_name := check_user_name(request["name"])) != row["name"]:
        if users.is_name_taken(tx, new_name, except_user_id=row["id"]):
            raise Refusal(
                "name-taken", f"'{new_name}' is, or was, somebody's name.", fix="Choose another name.", name=new_name
            )
        change_warnings.user_name(tx, new_name, row["id"])
        former_names = {*orjson.loads(row["former_names"]), row["name"]} - {new_name}
        changes |= {"name": new_name, "former_names": orjson.dumps(sorted(former_names)).decode()}
    row = users.update_user(tx, row, **changes)
    if (row["role"] != "admin" or row["disabled_at"]) and not tx.value(users.COUNT_OTHER_ADMINS, user_id=0):
        detail = "Nobody would be left who may do everything."
        raise Refusal("last-admin", detail, fix="Make somebody else an admin first.")
    return users.to_wire(row)


def edit_profile(tx: Transaction, actor: Actor, request: Profile) -> User:
    """Change the viewer's own profile. Refused: `not-allowed`, for a new team, unless by an admin of the server."""
    row, changes = _own_row_for_write(tx), _profile_fields(request)
    _check_team(tx.viewer, row["team"], changes.get("team", row["team"]))
    return users.to_wire(users.update_user(tx, row, **changes), own=True)


def set_avatar(tx: Transaction, actor: Actor, image: bytes) -> User:
    """Set the viewer's avatar, an image of at most 64 KiB. Refused: `invalid-image`."""
    row = _own_row_for_write(tx)
    media_type = avatars.detect_media_type(image)
    tx.run(users.UPSERT_AVATAR, user_id=row["id"], image=image)
    return users.to_wire(users.update_user(tx, row, avatar_type=media_type), own=True)


def delete_avatar(tx: Transaction, actor: Actor) -> Message:
    """Delete the viewer's avatar. Clients then show the initials."""
    row = _own_row_for_write(tx)
    tx.run(users.DELETE_AVATAR, user_id=row["id"])
    users.update_user(tx, row, avatar_type=None)
    return Message("The avatar is gone.")


def read_avatar(tx: ReadTransaction, user_id: int) -> tuple[bytes, str]:
    """A user's avatar and its media type. Refused: `not-found`."""
    row = tx.one(users.AVATAR, user_id=user_id) if users.can_see(tx, user_id) else None
    if row is None or row["avatar_type"] is None:
        raise not_found("avatar", user_id)
    return bytes(row["image"]), row["avatar_type"]


def list_users(tx: ReadTransaction) -> list[User]:
    """The users that the viewer may see, by name: all for an admin, else those who share a board, and their agents."""
    return [users.to_wire(row) for row in users.read_visible(tx)]


def read_user(tx: ReadTransaction, name: str) -> User:
    """One user. Refused: `not-found`."""
    return users.to_wire(users.read_by_name(tx, name))


def read_own_user(tx: ReadTransaction) -> User:
    """The viewer's own user. Refused: `open-mode`, `not-found`."""
    return users.to_wire(_own_row(tx), own=True)


def read_session(tx: ReadTransaction) -> Session:
    """The viewer's session: mode, user, token, access and boards, as far as known."""
    viewer = tx.viewer
    if viewer.open:
        return Session("open")
    if viewer.id is None:
        return Session("tokens")
    return Session(
        "tokens",
        user=read_own_user(tx),
        token=viewer.token,
        access="write" if viewer.can_write else "read",
        boards=sorted(viewer.boards) if viewer.boards is not None else None,
        expires_at=viewer.until,
        can=sorted(viewer.can),
    )


def _own_row(tx: ReadTransaction) -> Row:
    permissions.check_users_exist(tx.viewer)
    row = None if tx.viewer.id is None else tx.one(users.BY_ID, user_id=tx.viewer.id)
    if row is None:
        raise not_found("user", tx.viewer.name)
    return row


def _own_row_for_write(tx: Transaction) -> Row:
    permissions.check_may_write(tx.viewer)
    return _own_row(tx)


def _agent_owner(tx: Transaction, request: NewUserRequest) -> Row:
    """The person that a new agent belongs to: the viewer, or the `owner` that an admin names."""
    if request.owner is None or request.owner == tx.viewer.name:
        permissions.check_may_grant(tx.viewer)
        return _own_row(tx)
    permissions.check_user_admin(tx.viewer)
    row = users.read_by_name(tx, check_user_name(request.owner))
    if row["kind"] != "person":
        raise Refusal("invalid-request", "An agent belongs to a person.", fix="Name a person.", field="owner")
    return row


def _check_may_edit(viewer: Viewer, row: Row, request: UserEdit) -> None:
    if row["owner_id"] is None or row["owner_id"] != viewer.id:
        permissions.check_user_admin(viewer)
    else:
        permissions.check_may_grant(viewer)
    if row["kind"] == "agent" and request.get("role") == "admin":
        raise Refusal("not-allowed", "An agent is no admin of the server.", fix="Leave it a user.", needs="user")


def _check_team(viewer: Viewer, before: str | None, after: str | None) -> None:
    """Refused: `not-allowed`, if anybody but an admin of the server changes a team.

    Boards are opened to teams, so users may not put themselves or their agents into one.
    """
    if after != before:
        permissions.check_server_admin(viewer, "of the server sets a user's team")


def _check_can(viewer: Viewer, before: list[str], after: list[str]) -> None:
    """Refused: `not-allowed`, if anybody but an admin of the server changes what a user can.

    What users can is given to them: an agent that gave it to itself would get work that it can't do.
    """
    if after != before:
        permissions.check_server_admin(viewer, "of the server sets what a user can")


def _profile_fields(request: UserEdit | Profile) -> dict[str, Any]:
    fields: dict[str, Any] = {**request}
    labels = {"display_name": "display name", "team": "team"}
    changes = {field: _optional_name(fields[field], what) for field, what in labels.items() if field in fields}
    return changes | {field: fields[field] for field in ("theme", "notifications") if field in fields}


def _optional_name(text: str | None, label: str) -> str | None:
    """An optional name; None if it is blank."""
    return check_short_name(text, label, limits.USER_NAME_CHARACTERS) if text and text.strip() else None
