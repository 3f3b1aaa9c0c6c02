"""Who may see and do what: each kind of viewer against each question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kanban_server.rules import access
from kanban_server.rules.access import EVERYBODY, NOBODY, THE_SERVER, Viewer
from tests.rules.refusing import refusal

ADMIN = Viewer("root", "admin", id=1, seat=1)
USER = Viewer("ada", "user", id=2, seat=2)
WATCHER = Viewer("eve", "viewer", id=3, seat=3)
AGENT = Viewer("bot", "user", id=4, seat=2, agent=True)
READER = Viewer("ada", "user", id=2, seat=2, writes=False)
NARROW = Viewer("ada", "user", id=2, seat=2, boards=frozenset({5}))
NARROW_ADMIN = Viewer("root", "admin", id=1, seat=1, boards=frozenset({5}))


def test_only_admins_see_boards_of_which_they_are_no_members() -> None:
    seeing = [viewer for viewer in (ADMIN, USER, WATCHER, AGENT, READER, NARROW, NARROW_ADMIN) if viewer.everywhere]
    assert seeing == [ADMIN, NARROW_ADMIN]
    assert [viewer.everywhere for viewer in (EVERYBODY, THE_SERVER, NOBODY)] == [True, True, False]
    assert [viewer.limited for viewer in (ADMIN, NARROW_ADMIN, USER, NARROW)] == [False, True, True, True]


def test_a_token_that_is_narrowed_reaches_its_boards_and_is_not_whole() -> None:
    assert [viewer.reaches(5) for viewer in (USER, NARROW, NARROW_ADMIN)] == [True, True, True]
    assert [viewer.reaches(6) for viewer in (USER, NARROW, NARROW_ADMIN)] == [True, False, False]
    assert [viewer.whole for viewer in (ADMIN, USER, READER, NARROW)] == [True, True, False, False]


def test_by_default_a_viewer_may_write_everywhere_that_the_user_may_and_is_no_agent() -> None:
    assert (USER.writes, USER.agent, USER.open, USER.boards) == (True, False, False, None)
    assert Viewer("x").role == "user"
    assert [(viewer.open, viewer.agent) for viewer in (EVERYBODY, THE_SERVER, NOBODY)] == [
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
        (Viewer("root", "admin", writes=False), None, "viewer"),
        (NARROW, "admin", "admin"),
        (AGENT, "user", "user"),
    ],
)
def test_the_role_on_a_board_is_never_more_than_ones_own_or_the_tokens(viewer: Viewer, member: Any, role: str) -> None:
    assert viewer.on(member) == role


@pytest.mark.parametrize(
    ("check", "needed"), [(access.check_arrange, "admin"), (access.check_force, "admin")], ids=["arrange", "force"]
)
def test_only_admins_of_a_board_arrange_and_force(check: Callable[[Any], None], needed: str) -> None:
    check("admin")
    for role in ("user", "viewer"):
        refused = refusal(check, role)
        assert (refused.type, refused.status, refused.facts["needs"]) == ("not-allowed", 403, needed)
        assert f"'{needed}'" in str(refused.fix)


def test_viewers_change_nothing_and_who_did_not_make_it_deletes_nothing() -> None:
    access.check_change("user", 7)
    access.check_change("admin", 7)
    assert "board 7" in refusal(access.check_change, "viewer", 7).detail
    access.check_delete("admin", "a comment", own=False)
    access.check_delete("user", "a comment", own=True)
    assert refusal(access.check_delete, "user", "a comment", own=False).type == "not-allowed"


@pytest.mark.parametrize("viewer", [USER, WATCHER, AGENT, READER, NARROW, NARROW_ADMIN, NOBODY])
def test_the_server_is_its_admins_with_whole_tokens(viewer: Viewer) -> None:
    access.check_operator(ADMIN, "does it")
    access.check_users(ADMIN)
    access.check_operator(EVERYBODY, "does it")
    assert "does it" in refusal(access.check_operator, viewer, "does it").detail
    assert refusal(access.check_users, viewer).type == "not-allowed"
    assert refusal(access.check_users, Viewer("root", "admin", writes=False)).type == "not-allowed"


def test_rights_are_handed_out_by_people_with_whole_tokens() -> None:
    for viewer in (ADMIN, USER, WATCHER):
        access.check_own(viewer)
    for viewer in (AGENT, READER, NARROW):
        assert refusal(access.check_own, viewer).type == "not-allowed"
    assert refusal(access.check_own, EVERYBODY).type == refusal(access.check_users, EVERYBODY).type == "open-mode"
    access.check_known(NOBODY)


def test_boards_are_made_by_those_who_may_write_and_whose_token_is_whole() -> None:
    for viewer in (ADMIN, USER, AGENT, EVERYBODY):
        access.check_new_board(viewer)
        access.check_writes(viewer)
    for viewer in (WATCHER, READER, NARROW):
        assert refusal(access.check_new_board, viewer).type == "not-allowed"
    assert refusal(access.check_writes, READER).type == "not-allowed"
    access.check_writes(NARROW)
