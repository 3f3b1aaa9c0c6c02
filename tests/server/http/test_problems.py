"""Every refusal is a problem (RFC 9457), and everybody knows the same types."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kanban_cli.errors import classify
from kanban_cli.exit_codes import UNEXPECTED
from kanban_sdk.problem_types import EXCEPTIONS, exception_for
from kanban_sdk.wire.problems import PROBLEMS
from tests.server.http.problems_table import PROVOKED, Scene
from tests.server.rest import new_ticket, problem
from tests.support.databases import Databases
from tests.support.servers import running

TABLES = {"test_errors.py", "test_retries.py"}
"""Tests that name types without provoking them."""


def test_server_sdk_and_command_line_know_the_same_types() -> None:
    assert PROBLEMS.keys() == EXCEPTIONS.keys()
    strange = {type for type in PROBLEMS if classify(exception_for({"type": type}))[0] == UNEXPECTED}
    assert strange == {"internal", "idempotency-mismatch", "mcp-not-installed"}


def test_every_type_is_provoked_by_a_test() -> None:
    files = [file for file in Path(__file__).parents[2].rglob("*.py") if file.name not in TABLES]
    named = "".join(file.read_text() for file in files)
    assert [type for type in PROBLEMS if f'"{type}"' not in named] == []


@pytest.mark.parametrize("type", PROVOKED)
def test_a_refusal_says_what_happened_and_its_fix_leads_on(rest: httpx.Client, type: str) -> None:
    scene, (ask, facts, follow) = Scene(rest), PROVOKED[type]
    refusal = problem(ask(scene), type)
    assert refusal.keys() >= facts
    assert follow(scene, refusal).status_code in {200, 201}


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


def test_all_who_wait_for_a_locked_file_are_told_so_together(
    databases: Databases, request: pytest.FixtureRequest
) -> None:
    database = databases.make("sqlite", request.config)
    many = 30
    with running(database, KANBAN_LOCK_SECONDS="2") as server, httpx.Client(base_url=server.url, timeout=30) as rest:

        def create(number: int) -> httpx.Response:
            return rest.post("/api/tickets", json={"title": f"t{number}", "board_id": 1})

        with locked(database), ThreadPoolExecutor(many) as pool:  # one after the other would take a minute
            for response in pool.map(create, range(many)):
                problem(response, "busy")
        assert create(many).status_code == 201


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
