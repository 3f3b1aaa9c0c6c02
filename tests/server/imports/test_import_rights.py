"""Who may import."""

from __future__ import annotations

import pytest

from tests.support.databases import Databases
from tests.support.people import Guarded


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def guarded(request: pytest.FixtureRequest, databases: Databases) -> Guarded:
    """A server with users, over either database."""
    return databases.guarded(request.param, request.config)


def test_admins_of_the_board_import_and_others_do_not(guarded: Guarded) -> None:
    boss, mia, vic, out = (guarded.person(f"{name}-of-imports") for name in ("boss", "mia", "vic", "out"))
    board = guarded.board(boss)
    guarded.member(boss, board, "mia-of-imports")
    guarded.member(boss, board, "vic-of-imports", "viewer")
    tokens = {
        "agent of a member": guarded.agent(mia, "bot-of-imports"),
        "member": mia,
        "viewer": vic,
        "outsider": out,
        "narrowed": guarded.token(boss, access="read"),
    }
    path = f"/api/boards/{board}/import"
    ticket = {"source_id": "a", "title": "a"}
    for user, token in tokens.items():
        refused = guarded.ask(token, "POST", path, {"tickets": [ticket]})
        assert refused.status_code == (404 if user == "outsider" else 403), user
    for token, outcome in ((boss, "created"), (guarded.root, "unchanged")):
        assert guarded.done(token, "POST", path, {"tickets": [ticket]})[outcome] == 1
    id = guarded.done(boss, "POST", path, {"tickets": [ticket]})["ids"]["a"]
    guarded.done(mia, "POST", f"/api/tickets/{id}/claim", {})
    changed = {"tickets": [{**ticket, "title": "b"}]}
    held = guarded.done(boss, "POST", path, changed)
    assert (held["held"], held["reports"][0]["held_by"]) == (1, "mia-of-imports")
    assert guarded.done(boss, "POST", path, {**changed, "force": True})["updated"] == 1
