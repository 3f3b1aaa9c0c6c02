"""Every refusal is a problem (RFC 9457), and everybody knows the same types."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from kanban_cli.exits import UNEXPECTED, judge
from kanban_sdk.errors import EXCEPTIONS, refused
from kanban_sdk.wire.problems import PROBLEMS
from tests.conftest import Databases
from tests.server.rest import Json, new_board, new_ticket, problem
from tests.support.servers import running


def test_server_sdk_and_command_line_know_the_same_types() -> None:
    assert PROBLEMS.keys() == EXCEPTIONS.keys()
    strange = {type for type in PROBLEMS if judge(refused({"type": type}))[0] == UNEXPECTED}
    assert strange == {"internal", "idempotency-mismatch", "mcp-not-installed"}


class Scene:
    """A board with a ticket that ada holds, and requests that can't be carried out there."""

    def __init__(self, rest: httpx.Client) -> None:
        self.rest = rest
        self.board: Json = new_board(rest)
        self.ticket: Json = new_ticket(rest, self.board["id"])
        rest.post(f"/api/tickets/{self.ticket['id']}/claim?agent_id=ada")
        body = {"ticket_id": self.ticket["id"], "text": "hi", "author": "ada"}
        self.comment: Json = rest.post("/api/comments/", json=body).json()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        ids = {"board": self.board["id"], "ticket": self.ticket["id"], "comment": self.comment["id"]}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.rest.request(method, path.format(**ids), json=body, headers=named)

    def add(self, **fields: Any) -> httpx.Response:
        return self.ask("POST", "/api/tickets/", {"title": "t", "board_id": self.board["id"], **fields})

    def raw(self, content: bytes, content_type: str) -> httpx.Response:
        return self.rest.post("/api/tickets/", content=content, headers={"Content-Type": content_type})

    def again(self) -> httpx.Response:
        key = str(uuid.uuid4())
        self.ask("PATCH", "/api/tickets/{ticket}", {"title": "one"}, idempotency_key=key)
        return self.ask("PATCH", "/api/tickets/{ticket}", {"title": "two"}, idempotency_key=key)


Asked = tuple[Callable[[Scene], httpx.Response], set[str]]

PROVOKED: dict[str, Asked] = {
    "invalid-request": (lambda scene: scene.add(title=5), {"errors", "fix"}),
    "invalid-cursor": (lambda scene: scene.ask("GET", "/api/boards/{board}/events?after=x-y"), {"fix"}),
    "unsupported-media-type": (lambda scene: scene.raw(b"title=x", "application/x-www-form-urlencoded"), {"fix"}),
    "method-not-allowed": (lambda scene: scene.ask("DELETE", "/health"), {"allow"}),
    "body-too-large": (lambda scene: scene.add(description="x" * 1024 * 1024), {"limit", "fix"}),
    "title-too-long": (lambda scene: scene.add(title="x" * 201), {"limit", "length", "fix"}),
    "text-too-long": (lambda scene: scene.add(description="x" * 65537), {"limit", "size", "field", "fix"}),
    "page-too-large": (lambda scene: scene.ask("GET", "/api/tickets/?board_id={board}&page_size=501"), {"limit"}),
    "invalid-name": (lambda scene: scene.add(created_by="x" * 65), {"limit", "fix"}),
    "name-required": (lambda scene: scene.ask("POST", "/api/tickets/{ticket}/claim"), {"fix"}),
    "reserved-name": (lambda scene: scene.add(created_by="system"), {"name", "fix"}),
    "invalid-priority": (lambda scene: scene.add(priority="soon"), {"priorities", "fix"}),
    "unknown-column": (lambda scene: scene.add(current_column="x"), {"columns", "fix"}),
    "invalid-columns": (lambda scene: scene.ask("PUT", "/api/boards/{board}/columns", ["a", "A"]), {"fix"}),
    "other-board": (lambda scene: scene.ask("PUT", "/api/tickets/{ticket}", {"board_id": 1}), {"fix"}),
    "not-found": (lambda scene: scene.ask("GET", "/api/boards/9007199254740991"), {"what", "id", "fix"}),
    "resync": (
        lambda scene: scene.ask("GET", "/api/boards/{board}/events?after=999"),
        {"reason", "floor", "head", "fix"},
    ),
    "version-conflict": (
        lambda scene: scene.ask("PUT", "/api/tickets/{ticket}", {"title": "x", "version": 1}),
        {"current_version", "current", "changed", "fix"},
    ),
    "column-in-use": (
        lambda scene: scene.ask("PUT", "/api/boards/{board}/columns", ["A"]),
        {"column", "tickets", "fix"},
    ),
    "already-claimed": (
        lambda scene: scene.ask("POST", "/api/tickets/{ticket}/claim?agent_id=bob"),
        {"held_by", "expires_at", "fix"},
    ),
    "idempotency-mismatch": (lambda scene: scene.again(), {"fix"}),
    "origin-refused": (lambda scene: scene.ask("GET", "/health", origin="https://evil.example"), {"fix"}),
    "host-refused": (lambda scene: scene.ask("GET", "/health", host="evil.example"), {"fix"}),
    "not-author": (lambda scene: scene.ask("DELETE", "/api/comments/{comment}?deleted_by=bob"), {"author", "fix"}),
}


@pytest.fixture(scope="session")
def scene(rest: httpx.Client) -> Scene:
    return Scene(rest)


@pytest.mark.parametrize("type", PROVOKED)
def test_a_refusal_says_what_happened_and_what_a_program_needs(scene: Scene, type: str) -> None:
    ask, facts = PROVOKED[type]
    assert problem(ask(scene), type).keys() >= facts


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/nothing", "/api/tickets/1/nothing", "/apI/boards/"])
def test_a_path_that_is_not_there_is_a_problem_too(rest: httpx.Client, path: str) -> None:
    problem(rest.get(path), "not-found")


def test_a_method_that_is_not_taken_names_those_that_are(rest: httpx.Client) -> None:
    response = rest.request("POST", "/api/boards/1/snapshot")
    problem(response, "method-not-allowed")
    assert response.headers["allow"] == "GET"
    response = rest.request("POST", "/api/tickets/1")
    assert problem(response, "method-not-allowed")["allow"] == "DELETE, GET, PATCH, PUT"


@contextmanager
def locked(database: str) -> Iterator[None]:
    """Somebody else holds what a change of board 1 needs."""
    if database.startswith("postgresql"):
        import psycopg

        with psycopg.connect(database) as other:
            other.execute("SELECT * FROM boards FOR UPDATE")
            yield
    else:
        other_file = sqlite3.connect(database, isolation_level=None)
        other_file.execute("BEGIN IMMEDIATE")
        yield
        other_file.close()


def test_a_busy_database_says_when_to_try_again(database: str) -> None:
    with running(database, KANBAN_LOCK_SECONDS="0.2") as server, httpx.Client(base_url=server.url) as rest:
        with locked(database):
            response = rest.post("/api/tickets/", json={"title": "t", "board_id": 1}, timeout=30)
            problem(response, "busy")
            assert response.headers["retry-after"] == "1"
        assert new_ticket(rest, 1)["title"] == "A ticket"


@pytest.mark.postgres
def test_a_retry_that_comes_too_early_says_when_to_come_back(
    databases: Databases, request: pytest.FixtureRequest
) -> None:
    import psycopg

    database = databases.make("postgresql", request.config)
    with running(database, KANBAN_LOCK_SECONDS="0.2") as own, psycopg.connect(database) as other:
        other.execute("INSERT INTO answers (actor, key, fingerprint, created_at) VALUES ('anonymous', 'k', '', '')")
        response = httpx.post(
            f"{own.url}/api/tickets/", json={"title": "t", "board_id": 1}, headers={"Idempotency-Key": "k"}, timeout=30
        )
    problem(response, "idempotency-pending")
    assert response.headers["retry-after"] == "1"
