"""Who may see and do what: each kind of viewer against each question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kanban_server.rules import permissions
from kanban_server.rules.permissions import OPEN_MODE_VIEWER, SYSTEM_VIEWER, UNKNOWN_VIEWER, Viewer
from tests.rules.refusing import refusal

ADMIN = Viewer("root", "admin", id=1, person_id=1)
USER = Viewer("ada", "user", id=2, person_id=2)
WATCHER = Viewer("eve", "viewer", id=3, person_id=3)
AGENT = Viewer("bot", "user", id=4, person_id=2, agent=True)
READER = Viewer("ada", "user", id=2, person_id=2, can_write=False)
NARROW = Viewer("ada", "user", id=2, person_id=2, boards=frozenset({5}))
NARROW_ADMIN = Viewer("root", "admin", id=1, person_id=1, boards=frozenset({5}))


def test_only_admins_see_boards_of_which_they_are_no_members() -> None:
    seeing = [viewer for viewer in (ADMIN, USER, WATCHER, AGENT, READER, NARROW, NARROW_ADMIN) if viewer.is_admin]
    assert seeing == [ADMIN, NARROW_ADMIN]
    assert [viewer.is_admin for viewer in (OPEN_MODE_VIEWER, SYSTEM_VIEWER, UNKNOWN_VIEWER)] == [True, True, False]
    assert [viewer.is_limited for viewer in (ADMIN, NARROW_ADMIN, USER, NARROW)] == [False, True, True, True]


def test_a_token_that_is_narrowed_reaches_its_boards_and_is_not_whole() -> None:
    assert [viewer.covers_board(5) for viewer in (USER, NARROW, NARROW_ADMIN)] == [True, True, True]
    assert [viewer.covers_board(6) for viewer in (USER, NARROW, NARROW_ADMIN)] == [True, False, False]
    assert [viewer.has_full_scope for viewer in (ADMIN, USER, READER, NARROW)] == [True, True, False, False]


def test_by_default_a_viewer_may_write_everywhere_that_the_user_may_and_is_no_agent() -> None:
    assert (USER.can_write, USER.agent, USER.open, USER.boards) == (True, False, False, None)
    assert Viewer("x").role == "user"
    assert [(viewer.open, viewer.agent) for viewer in (OPEN_MODE_VIEWER, SYSTEM_VIEWER, UNKNOWN_VIEWER)] == [
        (True, False),
        (False, False),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("viewer", "member", "role"),
    [
        (ADMIN, None, "admin"),
        (ADMIN, "viewer", "admin"),
        (USER, "admin", "admin"),
        (USER, "user", "user"),
        (USER, "viewer", "viewer"),
        (USER, None, "viewer"),
        (WATCHER, "admin", "viewer"),
        (READER, "admin", "viewer"),
        (Viewer("root", "admin", can_write=False), None, "viewer"),
        (NARROW, "admin", "admin"),
        (AGENT, "user", "user"),
    ],
)
def test_the_role_on_a_board_is_never_more_than_ones_own_or_the_tokens(viewer: Viewer, member: Any, role: str) -> None:
    assert viewer.board_role(member) == role


@pytest.mark.parametrize(
    ("check", "needed"),
    [(permissions.check_board_admin, "admin"), (permissions.check_force, "admin")],
    ids=["arrange", "force"],
)
def test_only_admins_of_a_board_arrange_and_force(check: Callable[[Any], None], needed: str) -> None:
    check("admin")
    for role in ("user", "viewer"):
        refused = refusal(check, role)
        assert (refused.type, refused.status, refused.facts["needs"]) == ("not-allowed", 403, needed)
        assert f"'{needed}'" in str(refused.fix)


def test_viewers_change_nothing_and_who_did_not_make_it_deletes_nothing() -> None:
    permissions.check_board_write("user", 7)
    permissions.check_board_write("admin", 7)
    assert "board 7" in refusal(permissions.check_board_write, "viewer", 7).detail
    permissions.check_delete("admin", "a comment", own=False)
    permissions.check_delete("user", "a comment", own=True)
    assert refusal(permissions.check_delete, "user", "a comment", own=False).type == "not-allowed"


@pytest.mark.parametrize("viewer", [USER, WATCHER, AGENT, READER, NARROW, NARROW_ADMIN, UNKNOWN_VIEWER])
def test_the_server_is_its_admins_with_whole_tokens(viewer: Viewer) -> None:
    permissions.check_server_admin(ADMIN, "does it")
    permissions.check_user_admin(ADMIN)
    permissions.check_server_admin(OPEN_MODE_VIEWER, "does it")
    assert "does it" in refusal(permissions.check_server_admin, viewer, "does it").detail
    assert refusal(permissions.check_user_admin, viewer).type == "not-allowed"
    assert refusal(permissions.check_user_admin, Viewer("root", "admin", can_write=False)).type == "not-allowed"


def test_rights_are_handed_out_by_people_with_whole_tokens() -> None:
    for viewer in (ADMIN, USER, WATCHER):
        permissions.check_may_grant(viewer)
    for viewer in (AGENT, READER, NARROW):
        assert refusal(permissions.check_may_grant, viewer).type == "not-allowed"
    assert (
        refusal(permissions.check_may_grant, OPEN_MODE_VIEWER).type
        == refusal(permissions.check_user_admin, OPEN_MODE_VIEWER).type
        == "open-mode"
    )
    permissions.check_users_exist(UNKNOWN_VIEWER)


def test_boards_are_made_by_those_who_may_write_and_whose_token_is_whole() -> None:
    for viewer in (ADMIN, USER, AGENT, OPEN_MODE_VIEWER):
        permissions.check_new_board(viewer)
        permissions.check_may_write(viewer)
    for viewer in (WATCHER, READER, NARROW):
        assert refusal(permissions.check_new_board, viewer).type == "not-allowed"
    assert refusal(permissions.check_may_write, READER).type == "not-allowed"
    permissions.check_may_write(NARROW)
