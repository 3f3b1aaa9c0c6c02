"""Users, with their tokens, sessions, pictures and rights, survive a transfer to PostgreSQL and a backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_backup import verb
from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.people import Guarded, first_admin
from tests.support.servers import postgres_database, running

Way = Callable[[str, Path, ExitStack], str]
PICTURE = b"\x89PNG\r\n\x1a\n rest"


def by_transfer(database: str, _folder: Path, stack: ExitStack) -> str:
    url = stack.enter_context(postgres_database())
    verb("transfer", "--database", database, url)
    return url


def by_backup(database: str, folder: Path, stack: ExitStack) -> str:
    """Restore into another database: a file, or an empty one of PostgreSQL."""
    copy = folder / "backup"
    verb("backup", copy, "--database", database)
    postgres = database.startswith("postgresql")
    target = stack.enter_context(postgres_database()) if postgres else str(folder / "restored.db")
    verb("restore", copy, "--database", target)
    return target


@contextmanager
def guarded(database: str, root: str) -> Iterator[Guarded]:
    with running(database, KANBAN_HOST="0.0.0.0") as server:
        yield Guarded(server, root)


def identities(there: Guarded, secrets: dict[str, str], board: int) -> dict[str, Any]:
    """Return the users, members, and statuses of requests, to compare identities and rights before and after."""
    users = there.done(there.root, "GET", "/api/users")
    members = there.done(there.root, "GET", f"/api/boards/{board}/members")
    statuses = {
        who: [
            there.ask(secret, method, path, body).status_code
            for method, path, body in (
                ("GET", "/api/me", None),
                ("GET", f"/api/boards/{board}", None),
                ("POST", "/api/tickets", {"title": f"by {who}", "board_id": board}),
            )
        ]
        for who, secret in secrets.items()
    }
    return {"users": users, "members": members, "statuses": statuses}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "way"),
    [
        pytest.param("sqlite", by_transfer, marks=pytest.mark.postgres),
        ("sqlite", by_backup),
        pytest.param("postgresql", by_backup, marks=pytest.mark.postgres),
    ],
)
def test_users_keep_their_tokens_and_rights(
    kind: str, way: Way, databases: Databases, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    if way is by_transfer:
        databases.make("postgresql", pytestconfig)  # skips without PostgreSQL
    database = databases.make(kind, pytestconfig)
    root = first_admin(database)
    with guarded(database, root) as before:
        owner, member, gone = before.person("owner"), before.person("member", team="blue"), before.person("gone")
        secrets = {
            "owner": owner,
            "member": member,
            "stranger": before.person("stranger"),
            "agent": before.agent(member, "bot"),
            "reader": before.token(owner, access="read"),
            "gone": gone,
        }
        board = before.board(owner)
        before.member(owner, board, "member")
        before.rest(member).put("/api/me/avatar", content=PICTURE).raise_for_status()
        before.done(before.root, "PATCH", "/api/users/gone", {"disabled": True})
        invite = before.done(member, "POST", "/api/invites", {"name": "late"})["secret"]
        session = before.rest(None).post("/api/session", json={"token": member}).cookies["kanban_session"]
        was = identities(before, secrets, board)
    assert was["statuses"] == {
        "owner": [200, 200, 201],
        "member": [200, 200, 201],
        "stranger": [200, 404, 404],
        "agent": [200, 200, 201],
        "reader": [200, 200, 403],
        "gone": [401, 401, 401],
    }
    with ExitStack() as stack:
        after = stack.enter_context(guarded(way(database, tmp_path, stack), root))
        assert identities(after, secrets, board) == was
        problem(after.ask(None, "GET", "/api/boards"), "not-authenticated")
        cookie = {"Cookie": f"kanban_session={session}"}
        me = after.ask(None, "GET", "/api/me", headers=cookie).json()
        assert after.ask(member, "GET", f"/api/avatars/{me['id']}").content == PICTURE
        assert after.done(None, "POST", "/api/join", {"invite": invite, "name": "late"})["user"]["name"] == "late"
        assert after.person("newcomer")
