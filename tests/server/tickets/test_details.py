"""What a ticket bears beside its texts: criteria that are ticked, links, a day when it is due."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of

CRITERIA = "It builds\n\n- it is tested\n* [ ] it is fast\n  2. [X] it is small\n"


def check(rest: httpx.Client, ticket_id: int, number: object, **more: object) -> httpx.Response:
    return rest.post(f"/api/tickets/{ticket_id}/check", json={"number": number, **more})


def links(rest: httpx.Client, ticket_id: int, **change: object) -> httpx.Response:
    return rest.post(f"/api/tickets/{ticket_id}/links", json=change)


def test_criteria_are_the_lines_of_the_text_and_are_ticked_in_it(rest: httpx.Client, board_id: int) -> None:
    created = new_ticket(rest, board_id, acceptance_criteria=CRITERIA)
    assert created["criteria"] == {"done": 1, "all": 4}
    done(check(rest, created["id"], 1))
    done(check(rest, created["id"], 3, changed_by="ada"))
    ticked = done(check(rest, created["id"], 4, done=False))
    assert ticked["acceptance_criteria"] == (
        "- [x] It builds\n\n- it is tested\n- [x] it is fast\n  - [ ] it is small\n"
    )
    assert ticked["criteria"] == ticket_of(rest, created["id"])["criteria"] == {"done": 2, "all": 4}
    event = events(rest, board_id)[-2]
    assert (event["event"], event["actor"]) == ("ticket_updated", "ada")
    assert event["data"]["acceptance_criteria"].count("[x]") == 2
    assert "criteria" not in event["data"]


def test_ticking_what_is_ticked_changes_nothing_and_needs_no_version(rest: httpx.Client, board_id: int) -> None:
    created = new_ticket(rest, board_id, acceptance_criteria="[x] done by hand")
    assert done(check(rest, created["id"], 1)) == created
    assert len(events(rest, board_id)) == 2


@pytest.mark.parametrize(
    ("number", "type"), [(5, "not-found"), (0, "invalid-request"), ("x", "invalid-request"), (None, "invalid-request")]
)
def test_what_is_no_criterion_is_not_ticked(rest: httpx.Client, board_id: int, number: object, type: str) -> None:
    created = new_ticket(rest, board_id, acceptance_criteria=CRITERIA)
    problem(check(rest, created["id"], number), type)
    assert ticket_of(rest, created["id"]) == created


def test_a_ticket_without_criteria_counts_none_and_says_so(rest: httpx.Client, board_id: int) -> None:
    created = new_ticket(rest, board_id, acceptance_criteria=" \n")
    assert created["criteria"] is None
    assert "has none" in problem(check(rest, created["id"], 1), "not-found")["fix"]
    edited = done(rest.patch(f"/api/tickets/{created['id']}", json={"acceptance_criteria": "one\n- [x] two"}))
    assert edited["criteria"] == {"done": 1, "all": 2}


def test_links_know_their_kind_and_stand_once_each(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    refs = {
        "0123abc": "commit",
        "https://git.example/a/b/commit/0123abcdef": "commit",
        "https://git.example/a/b/pull/12": "pull-request",
        "https://git.example/a/-/merge_requests/3/diffs": "pull-request",
        "HTTP://example.org/pull-me?a=b#c": "url",
    }
    linked = done(links(rest, ticket, add=[*refs, "0123abc"]))
    assert linked["links"] == [{"kind": kind, "ref": ref} for ref, kind in refs.items()]
    left = done(links(rest, ticket, add=["0123abc"], remove=[*list(refs)[1:], "https://never.example"]))
    assert left["links"] == ticket_of(rest, ticket)["links"] == [{"kind": "commit", "ref": "0123abc"}]
    data: Json = events(rest, board_id)[-1]["data"]
    assert data["links"] == left["links"]
    before = len(events(rest, board_id))
    done(links(rest, ticket, add=["0123abc"]))
    assert len(events(rest, board_id)) == before


@pytest.mark.parametrize(
    "ref",
    ["", "12345", "javascript:alert(1)", "ftp://x.example/", "https://", "h://a", f"https://x/{'a' * 2000}"],
)
def test_what_is_neither_an_address_nor_a_commit_is_no_link(rest: httpx.Client, board_id: int, ref: str) -> None:
    ticket = new_ticket(rest, board_id)
    assert problem(links(rest, ticket["id"], add=["https://fine.example/", ref]), "invalid-request")["field"] == "add"
    assert ticket_of(rest, ticket["id"]) == ticket


def test_a_ticket_is_due_on_a_day(rest: httpx.Client, board_id: int) -> None:
    created = new_ticket(rest, board_id, due_date="2026-02-28")
    assert created["due_date"] == "2026-02-28"
    path = f"/api/tickets/{created['id']}"
    assert done(rest.patch(path, json={"due_date": "2028-02-29"}))["due_date"] == "2028-02-29"
    assert events(rest, board_id)[-1]["data"]["changes"] == {"due_date": {"from": "2026-02-28", "to": "2028-02-29"}}
    for wrong in ("2026-02-29", "tomorrow", "2026-2-3", "20260203", "2026-02-03T00:00:00Z"):
        assert problem(rest.patch(path, json={"due_date": wrong}), "invalid-request")["field"] == "due_date"
    assert done(rest.patch(path, json={"due_date": None}))["due_date"] is None
