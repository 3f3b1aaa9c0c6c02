"""The order of tickets in a column: an intent, never an index."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanban_server.rules import ordering
from tests.server.rest import done, events, new_board, new_ticket, problem, ticket_of, titles
from tests.support.databases import Databases
from tests.support.servers import POSTGRES, running


def move(rest: httpx.Client, ticket_id: int, **intent: object) -> httpx.Response:
    return rest.post(f"/api/tickets/{ticket_id}/move", json={"column": "Not Started", **intent})


@pytest.fixture
def abc(rest: httpx.Client, board_id: int) -> dict[str, int]:
    return {title: new_ticket(rest, board_id, title)["id"] for title in "abc"}


@pytest.mark.parametrize(
    ("name", "intent", "order"),
    [
        ("c", {"before": "a"}, "cab"),
        ("c", {"before": "b"}, "acb"),
        ("a", {"after": "b"}, "bac"),
        ("a", {"after": "c"}, "bca"),
        ("a", {"place": "bottom"}, "bca"),
        ("c", {"place": "top"}, "cab"),
        ("a", {"place": "top"}, "abc"),
        ("b", {"after": "a"}, "abc"),
        ("b", {"before": "b"}, "abc"),
        ("a", {}, "abc"),
    ],
)
def test_a_ticket_goes_where_it_is_meant_to(
    rest: httpx.Client, board_id: int, abc: dict[str, int], name: str, intent: dict[str, str], order: str
) -> None:
    before = events(rest, board_id)
    moved = done(move(rest, abc[name], **{key: abc.get(value, value) for key, value in intent.items()}))
    assert titles(rest, board_id) == list(order)
    assert moved == ticket_of(rest, abc[name])
    assert len(events(rest, board_id)) - len(before) == (order != "abc")


def test_a_move_to_another_column_lands_at_its_bottom(rest: httpx.Client, board_id: int, abc: dict[str, int]) -> None:
    for title in "cab":
        done(move(rest, abc[title], column="Done"))
    assert titles(rest, board_id, column="Done") == ["c", "a", "b"]


def test_only_a_ticket_of_that_column_can_be_a_neighbour(
    rest: httpx.Client, board_id: int, abc: dict[str, int]
) -> None:
    elsewhere = new_ticket(rest, board_id, current_column="Done")["id"]
    other = new_board(rest, columns=["A", "B", "C", "D", "E", "F"])
    stranger = new_ticket(rest, other["id"], current_column="F")["id"]
    for side in ("before", "after"):
        problem(move(rest, abc["a"], **{side: elsewhere}), "invalid-request")
        problem(move(rest, abc["a"], **{side: stranger}), "not-found")
    done(rest.delete(f"/api/tickets/{elsewhere}"))
    problem(move(rest, abc["a"], column="Done", before=elsewhere), "not-found")
    problem(move(rest, abc["a"], place="middle"), "invalid-request")
    problem(move(rest, abc["a"], place="top", before=abc["b"]), "invalid-request")


def test_beside_itself_a_ticket_stays_and_is_in_no_other_column(rest: httpx.Client, abc: dict[str, int]) -> None:
    address, before = f"/api/tickets/{abc['b']}/move", ticket_of(rest, abc["b"])
    assert done(rest.post(address, json={"column": before["current_column"], "after": abc["b"]})) == before
    problem(rest.post(address, json={"column": "Done", "after": abc["b"]}), "invalid-request")
    assert ticket_of(rest, abc["b"]) == before


def test_a_move_within_a_column_does_not_start_its_clock(rest: httpx.Client, abc: dict[str, int]) -> None:
    before = ticket_of(rest, abc["c"])
    after = done(move(rest, abc["c"], place="top"))
    assert after["column_entered_at"] == before["column_entered_at"]
    assert after["version"] == before["version"] + 1


def test_places_that_grow_too_long_renumber_their_column(
    rest: httpx.Client, board_id: int, abc: dict[str, int]
) -> None:
    neighbour = ticket_of(rest, abc["a"])
    turn = "cb"
    longest = 0
    for _ in range(1000):  # each goes between 'a' and the other: the gap halves with every move
        moved = done(move(rest, abc[turn[0]], after=abc["a"]))
        turn = turn[::-1]
        if len(moved["place"]) < longest - 10:
            break
        longest = max(longest, len(moved["place"]))
    assert longest == ordering.MAX_PLACE_LENGTH
    head = done(rest.get(f"/api/boards/{board_id}/snapshot"))["seq"]
    (last,) = events(rest, board_id, after=head - 1)
    listed = done(rest.get(f"/api/boards/{board_id}/tickets"))["tickets"]
    assert last["event"] == "column_reordered"
    assert last["data"]["ids"] == [ticket["id"] for ticket in listed]
    assert last["data"]["places"] == [ticket["place"] for ticket in listed]
    assert titles(rest, board_id) == ["a", moved["title"], turn[0]]
    assert all(len(ticket["place"]) < 5 for ticket in listed)
    assert moved == ticket_of(rest, moved["id"])
    assert ticket_of(rest, abc["a"])["version"] == neighbour["version"], "a neighbour's move is no change"


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60))
def test_a_place_always_fits_between_its_neighbours(steps: list[tuple[int, bool]]) -> None:
    row: list[str] = []
    for index, repeats in steps:
        at = index % (len(row) + 1)
        for _ in range(1 + 3 * repeats):
            behind = row[at - 1] if at else None
            ahead = row[at] if at < len(row) else None
            row.insert(at, ordering.place_between(behind, ahead))
    assert [place.encode() for place in row] == sorted({place.encode() for place in row})
    assert all(place.isascii() and place.isalnum() for place in row)


@given(st.integers(0, 300), st.booleans())
def test_places_in_a_row_are_short_and_in_order(count: int, behind_one: bool) -> None:
    behind = ordering.place_between(None, None) if behind_one else None
    row = ordering.consecutive_places(count, behind)
    assert len(row) == count
    assert row == sorted(set(row))
    assert all(len(place) <= 4 and (behind is None or place > behind) for place in row)


@pytest.fixture
def icu_database(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that compares text by the rules of English, where 'a' < 'Z'."""
    databases.make("postgresql", request.config)  # skips or fails where there is no PostgreSQL
    import psycopg

    name = f"kanban_test_icu_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'")
        try:
            yield POSTGRES.rpartition("/")[0] + f"/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
def test_places_compare_as_bytes_in_a_database_that_sorts_as_people_do(icu_database: str) -> None:
    with running(icu_database) as server, httpx.Client(base_url=server.url) as rest:
        ids = [new_ticket(rest, 1, "start")["id"]]
        for n in range(40):  # upward, then downward: the places run through capitals and small letters
            ids.append(new_ticket(rest, 1, f"{n}")["id"])
        for id in ids[:30]:
            done(move(rest, id, place="top"))
        expected = [*reversed(ids[:30]), *ids[30:]]
        listed = done(rest.get("/api/boards/1/tickets"))["tickets"]
        paged = done(rest.get("/api/tickets/", params={"board_id": 1}))["items"]
        assert [ticket["id"] for ticket in listed] == [ticket["id"] for ticket in paged] == expected
        places = [ticket["place"] for ticket in listed]
        assert places == sorted(places, key=str.encode) != sorted(places, key=str.lower)
