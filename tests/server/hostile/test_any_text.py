"""Any text at all, wherever the server reads one by rules of its own: it is taken as what it is, or refused."""

from __future__ import annotations

import unicodedata
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kanban_server.rules.search_words import query_words
from tests.server.rest import new_board, new_ticket, problem

texts = st.text(max_size=60) | st.text("ab .-_\"'()*:&|!<>@/\\%0123456789\n\u202e\u00df\u0130", max_size=60)
anything = given(text=texts)
many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@anything
@example(text='"a" OR b* NEAR(')
@example(text="\u0130stanbul stra\u00dfe")
def test_whatever_a_title_says_the_ticket_is_found_by_its_words(rest: httpx.Client, board_id: int, text: str) -> None:
    created = rest.post("/api/tickets", json={"title": text, "board_id": board_id})
    page = rest.get("/api/tickets", params={"board_id": board_id, "search": text, "page_size": 500})
    if "\0" in text:
        problem(page, "invalid-request")
        return
    assert page.status_code == 200, page.text
    if created.status_code == 201:
        assert (created.json()["id"] in [ticket["id"] for ticket in page.json()["items"]]) is bool(query_words(text))
        rest.delete(f"/api/tickets/{created.json()['id']}")
    else:
        problem(created, created.json()["type"])


@many
@anything
@example(text="0" * 17)
@example(text="deadbeef-\u0661")
def test_what_is_no_cursor_is_refused_and_what_is_one_is_served(rest: httpx.Client, board_id: int, text: str) -> None:
    response = rest.get(f"/api/boards/{board_id}/events", params={"after": text})
    if "\0" in text:
        problem(response, "invalid-request")
    elif response.status_code != 200:
        problem(response, "resync" if response.status_code == 410 else "invalid-cursor")
    else:
        assert text.isascii()
        assert all(event["seq"] > int(text.rpartition("-")[2]) for event in response.json()["events"])


@many
@anything
@example(text="1.2.3")
@example(text="\u0661")
@example(text="urgent")
def test_what_is_no_priority_is_refused_and_what_is_one_is_kept(rest: httpx.Client, board_id: int, text: str) -> None:
    created = rest.post("/api/tickets", json={"title": "t", "board_id": board_id, "priority": text})
    if created.status_code == 201:
        assert created.json()["priority"] == {"urgent": "critical"}.get(text, text)
    else:
        problem(created, "invalid-priority")


@many
@given(names=st.lists(texts, max_size=4))
@example(names=["stra\u00dfe", "STRASSE"])
@example(names=["a", "A"])
def test_a_column_that_was_taken_is_found_by_its_name(rest: httpx.Client, board_id: int, names: list[str]) -> None:
    created = rest.post("/api/boards", json={"name": "b", "columns": names})
    if created.status_code != 201:
        problem(created, created.json()["type"])
        return
    board = created.json()
    ticket = new_ticket(rest, board["id"])["id"]
    for column in board["columns"]:
        assert column in [unicodedata.normalize("NFC", name.strip()) for name in names]
        moved = rest.post(f"/api/tickets/{ticket}/move", json={"column": column})
        assert moved.json()["current_column"] == column
    rest.delete(f"/api/boards/{board['id']}")


@many
@anything
@example(text='@"two words" @ada, (@bob) x@y.z @@eve @a.b.')
@example(text="@" * 60)
def test_whom_a_comment_calls_upon_stands_in_it(rest: httpx.Client, board_id: int, text: str) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    response = rest.post("/api/comments", json={"ticket_id": ticket, "text": text, "author": "ada"})
    if response.status_code != 201:
        problem(response, response.json()["type"])
        return
    page = rest.get(f"/api/boards/{board_id}/events", params={"after": 0, "limit": 500}).json()
    event = [event for event in page["events"] if event["event"] == "comment_added"][-1]
    for name in event["data"].get("mentions", []):
        assert f"@{name}" in unicodedata.normalize("NFC", text) or f'@"{name}' in unicodedata.normalize("NFC", text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("title", "current_column", "labels", "created_at", "extra", "comments", "blocked_by", "parent", "priority")


@many
@given(odd=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4))
def test_whatever_an_import_brings_is_taken_or_refused(rest: httpx.Client, board_id: int, odd: dict[str, Any]) -> None:
    ticket = {"source_id": "s", "title": "t", **odd}
    try:
        response = rest.post(f"/api/boards/{board_id}/import", json={"tickets": [ticket]})
    except ValueError:
        return  # a float that JSON does not have
    if response.status_code != 200:
        problem(response, response.json()["type"])


@pytest.fixture
def board_id(rest: httpx.Client) -> int:
    return int(new_board(rest)["id"])
