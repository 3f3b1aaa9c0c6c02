"""A retry is harmless: the same request with the same key takes effect once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.server.rest import done, events, new_ticket, problem


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def test_the_same_again_gives_the_first_answer(rest: httpx.Client, board_id: int, key: dict[str, str]) -> None:
    body = {"title": "Once", "board_id": board_id}
    first = rest.post("/api/tickets/", json=body, headers=key)
    before = events(rest, board_id)
    second = rest.post("/api/tickets", json=body, headers=key)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert (second.status_code, second.content, second.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert events(rest, board_id) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_every_method_that_changes_takes_a_key(
    rest: httpx.Client, board_id: int, key: dict[str, str], method: str
) -> None:
    path = f"/api/tickets/{new_ticket(rest, board_id)['id']}"
    body = None if method == "DELETE" else {"title": "New"}
    first = rest.request(method, path, json=body, headers=key)
    if method != "DELETE":
        done(rest.put(path, json={"title": "Newer still"}))
    second = rest.request(method, path, json=body, headers=key)
    assert (second.status_code, second.content) == (200, first.content)
    assert second.headers["idempotent-replayed"] == "true"


def test_a_key_stands_for_one_request(rest: httpx.Client, board_id: int, key: dict[str, str]) -> None:
    body = {"title": "One", "board_id": board_id}
    rest.post("/api/tickets/", json=body, headers=key)
    for response in (
        rest.post("/api/tickets/", json={**body, "title": "Two"}, headers=key),
        rest.post("/api/tickets/?x=1", json=body, headers=key),
        rest.post("/api/boards/", json={"name": "One"}, headers=key),
    ):
        problem(response, "idempotency-mismatch")
    assert done(rest.get(f"/api/boards/{board_id}"))["ticket_count"] == 1


def test_a_key_is_its_actors_own(rest: httpx.Client, board_id: int, key: dict[str, str]) -> None:
    body = {"title": "Mine", "board_id": board_id}
    ids = {
        rest.post("/api/tickets/", json=body, headers={**key, "X-Kanban-User": name}).json()["id"]
        for name in ("ada", "bob", "ada")
    }
    assert len(ids) == 2


def test_a_refusal_is_not_kept(rest: httpx.Client, board_id: int, key: dict[str, str]) -> None:
    body = {"title": "t", "board_id": board_id, "current_column": "Review"}
    for _ in range(2):
        response = rest.post("/api/tickets/", json=body, headers=key)
        problem(response, "unknown-column")
        assert "idempotent-replayed" not in response.headers
    done(rest.put(f"/api/boards/{board_id}/columns", json=["Not Started", "Review", "Done"]))
    created = rest.post("/api/tickets/", json=body, headers=key)
    assert created.status_code == 201
    assert "idempotent-replayed" not in created.headers


def test_of_many_at_once_one_takes_effect_and_all_get_its_answer(
    rest: httpx.Client, board_id: int, key: dict[str, str]
) -> None:
    body = {"title": "Once", "board_id": board_id}
    with ThreadPoolExecutor(8) as pool:
        responses = [pool.submit(rest.post, "/api/tickets/", json=body, headers=key) for _ in range(8)]
        results = [response.result() for response in responses]
    assert {response.status_code for response in results} == {201}
    assert len({response.content for response in results}) == 1
    assert sum("idempotent-replayed" in response.headers for response in results) == 7
    assert done(rest.get(f"/api/boards/{board_id}"))["ticket_count"] == 1


@pytest.mark.parametrize("text", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(rest: httpx.Client, board_id: int, text: str) -> None:
    body = {"title": "t", "board_id": board_id}
    problem(rest.post("/api/tickets/", json=body, headers={"Idempotency-Key": text}), "invalid-request")
    longest = {"Idempotency-Key": f"{board_id:x>255}"}
    assert rest.post("/api/tickets/", json=body, headers=longest).status_code == 201
    assert rest.post("/api/tickets/", json=body, headers=longest).headers["idempotent-replayed"] == "true"


def test_a_key_may_hold_any_characters(rest: httpx.Client, board_id: int) -> None:
    headers = [(b"Idempotency-Key", f"'; DROP TABLE answers; -- é{board_id}".encode())]
    body = {"title": "t", "board_id": board_id}
    first, second = (rest.post("/api/tickets/", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.content) == (201, first.content)
