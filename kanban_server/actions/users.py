"""What can be done with users, and by users with their own profile."""

from __future__ import annotations

from typing import Any

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.user_bodies import Profile, TokenWanted, UserEdit, UserWanted
from kanban_sdk.wire.users import NewUser, Session, User
from kanban_server.actions import tokens, warning
from kanban_server.actions.quotas import NO_QUOTAS, Quotas, check
from kanban_server.rules import access, images
from kanban_server.rules.access import Viewer
from kanban_server.rules.names import Actor, short_name, user_name
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.store import members, users
from kanban_server.store.transaction import Reading, Row, Transaction


def create(tx: Transaction, actor: Actor, wanted: UserWanted, quotas: Quotas = NO_QUOTAS) -> NewUser:
    """Make a user: a person, by an admin; or an agent, by the person whose rights it is to have at most.

    The first one is an admin, of the boards that are there too. Refused: `name-taken`, `not-allowed`, `open-mode`,
    `quota-exceeded`.
    """
    users.turn(tx)
    first = tx.value(users.ANY) is None
    owner = _owner(tx, wanted) if wanted.kind == "agent" else None
    if wanted.kind == "person":
        access.check_users(tx.viewer)
    if first and (wanted.role != "admin" or wanted.kind != "person"):
        raise Refusal("last-admin", "The first user has to be an admin.", fix="kanban user create NAME --admin")
    if owner is not None and not tx.viewer.everywhere:
        check(tx, quotas, "agents", owner["id"])
        if wanted.token:
            check(tx, quotas, "tokens", owner["id"])
    row = add(tx, wanted, None if owner is None else owner["id"])
    if first:
        for board in tx.all(members.BOARDS):
            members.put(tx, board["id"], row["id"], "admin", row["created_at"])
    made = tokens.add(tx, row, TokenWanted("first")) if wanted.token else None
    return NewUser(users.seen(row), made.secret if made else None)


def add(tx: Transaction, wanted: UserWanted, owner_id: int | None) -> Row:
    """Write a new user. Refused: `name-taken`, `invalid-name`, `reserved-name`, `not-allowed`."""
    name = user_name(wanted.name)
    if users.taken(tx, name):
        raise Refusal("name-taken", f"'{name}' is, or was, somebody's name.", fix="Choose another name.", name=name)
    if wanted.kind == "agent" and wanted.role == "admin":
        raise Refusal("not-allowed", "An agent is no admin of the server.", fix="Make it a user.", needs="user")
    team = _optional(wanted.team, "team")
    _check_team(tx.viewer, None, team)
    warning.user_name(tx, name)
    return users.add(
        tx,
        name=name,
        display_name=_optional(wanted.display_name, "display name"),
        role=wanted.role,
        kind=wanted.kind,
        owner_id=owner_id,
        team=team,
        created_at=tx.now(),
    )


def edit(tx: Transaction, actor: Actor, name: str, wanted: UserEdit, quotas: Quotas = NO_QUOTAS) -> User:
    """Change a user: an admin anybody, a person their agents. Refused: `last-admin`, `name-taken`, `quota-exceeded`."""
    users.turn(tx)
    row = users.named(tx, name)
    _check_edit(tx.viewer, row, wanted)
    changed = _profile(wanted)
    _check_team(tx.viewer, row["team"], changed.get("team", row["team"]))
    if "role" in wanted:
        changed["role"] = wanted["role"]
    if "disabled" in wanted and wanted["disabled"] != (row["disabled_at"] is not None):
        changed["disabled_at"] = tx.now() if wanted["disabled"] else None
        if not wanted["disabled"] and not tx.viewer.everywhere:
            check(tx, quotas, "agents", row["owner_id"])
    if "name" in wanted and (new := user_name(wanted["name"])) != row["name"]:
        if users.taken(tx, new, by_other_than=row["id"]):
            raise Refusal("name-taken", f"'{new}' is, or was, somebody's name.", fix="Choose another name.", name=new)
        warning.user_name(tx, new, row["id"])
        former = {*orjson.loads(row["former_names"]), row["name"]} - {new}
        changed |= {"name": new, "former_names": orjson.dumps(sorted(former)).decode()}
    row = users.write(tx, row, **changed)
    if (row["role"] != "admin" or row["disabled_at"]) and not tx.value(users.ADMINS, user_id=0):
        detail = "Nobody would be left who may do everything."
        raise Refusal("last-admin", detail, fix="Make somebody else an admin first.")
    return users.seen(row)


def edit_profile(tx: Transaction, actor: Actor, wanted: Profile) -> User:
    """Change one's own profile. Refused: `not-allowed`, for another team by others than an admin of the server."""
    row, changed = _me_to_change(tx), _profile(wanted)
    _check_team(tx.viewer, row["team"], changed.get("team", row["team"]))
    return users.seen(users.write(tx, row, **changed), own=True)


def set_avatar(tx: Transaction, actor: Actor, image: bytes) -> User:
    """Take an image of at most 64 KiB as one's avatar. Refused: `invalid-image`."""
    row = _me_to_change(tx)
    kind = images.kind(image)
    tx.run(users.PUT_AVATAR, user_id=row["id"], image=image)
    return users.seen(users.write(tx, row, avatar_type=kind), own=True)


def drop_avatar(tx: Transaction, actor: Actor) -> Message:
    """Be shown by one's initials again."""
    row = _me_to_change(tx)
    tx.run(users.DROP_AVATAR, user_id=row["id"])
    users.write(tx, row, avatar_type=None)
    return Message("The avatar is gone.")


def avatar(tx: Reading, user_id: int) -> tuple[bytes, str]:
    """A user's avatar, and of what type it is. Refused: `not-found`."""
    row = tx.one(users.AVATAR, user_id=user_id) if users.sees(tx, user_id) else None
    if row is None or row["avatar_type"] is None:
        raise not_found("avatar", user_id)
    return bytes(row["image"]), row["avatar_type"]


def all_users(tx: Reading) -> list[User]:
    """The users that one may see, by name: for an admin all, else those who share a board, and their agents."""
    return [users.seen(row) for row in users.visible(tx)]


def show(tx: Reading, name: str) -> User:
    """One user. Refused: `not-found`."""
    return users.seen(users.named(tx, name))


def me(tx: Reading) -> User:
    """Oneself. Refused: `open-mode`."""
    return users.seen(_me(tx), own=True)


def session(tx: Reading) -> Session:
    """Who one is to the server, where that is known."""
    viewer = tx.viewer
    if viewer.open:
        return Session("open")
    if viewer.id is None:
        return Session("tokens")
    return Session(
        "tokens",
        user=me(tx),
        token=viewer.token,
        access="write" if viewer.writes else "read",
        boards=sorted(viewer.boards) if viewer.boards is not None else None,
        expires_at=viewer.until,
    )


def _me(tx: Reading) -> Row:
    access.check_known(tx.viewer)
    row = None if tx.viewer.id is None else tx.one(users.BY_ID, user_id=tx.viewer.id)
    if row is None:
        raise not_found("user", tx.viewer.name)
    return row


def _me_to_change(tx: Transaction) -> Row:
    access.check_writes(tx.viewer)
    return _me(tx)


def _owner(tx: Transaction, wanted: UserWanted) -> Row:
    """The person that a new agent is to belong to."""
    if wanted.owner is None or wanted.owner == tx.viewer.name:
        access.check_own(tx.viewer)
        return _me(tx)
    access.check_users(tx.viewer)
    row = users.named(tx, user_name(wanted.owner))
    if row["kind"] != "person":
        raise Refusal("invalid-request", "An agent belongs to a person.", fix="Name a person.", field="owner")
    return row


def _check_edit(viewer: Viewer, row: Row, wanted: UserEdit) -> None:
    if row["owner_id"] is None or row["owner_id"] != viewer.id:
        access.check_users(viewer)
    else:
        access.check_own(viewer)
    if row["kind"] == "agent" and wanted.get("role") == "admin":
        raise Refusal("not-allowed", "An agent is no admin of the server.", fix="Leave it a user.", needs="user")


def _check_team(viewer: Viewer, before: str | None, after: str | None) -> None:
    """Refused: `not-allowed`. Boards are opened to teams, so nobody puts themselves, or an agent, into one."""
    if after != before:
        access.check_operator(viewer, "of the server sets a user's team")


def _profile(wanted: UserEdit | Profile) -> dict[str, Any]:
    fields: dict[str, Any] = {**wanted}
    names = {"display_name": "display name", "team": "team"}
    changed = {field: _optional(fields[field], what) for field, what in names.items() if field in fields}
    return changed | {field: fields[field] for field in ("theme", "notifications") if field in fields}


def _optional(text: str | None, what: str) -> str | None:
    """A name that may be left out; blank is none."""
    return short_name(text, what, limits.USER_NAME_CHARACTERS) if text and text.strip() else None
